"""Sources: their order, their failures, time limits on a virtual clock, what is kept and what ends everything."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from abml.providers.snapshots.codec import DecodeLimits, decode
from abml.providers.snapshots.collectors import (
    Collected,
    CollectFault,
    Collectors,
    Policy,
    ResourceMissing,
    collect,
)
from abml.providers.snapshots.timing import VirtualTimer
from abml.vm.clock import VirtualClock
from tests.unit.providers.snapshots.snapshot_support import run


class Given:
    """A source of given data; an exception is raised, a function is called."""

    def __init__(self, source_type: str, answer: Any = None, **more: Any) -> None:
        self.source_type = source_type
        self.answer = answer
        self.calls: list[tuple[str, str]] = []
        self.__dict__.update(more)

    def collect(self, resource_type: str, resource_id: str) -> Any:
        self.calls.append((resource_type, resource_id))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer() if callable(self.answer) else self.answer


def soon(value: Any) -> Callable[[], Any]:
    async def answer() -> Any:
        await asyncio.sleep(0)
        if isinstance(value, Exception):
            raise value
        return value

    return answer


async def never() -> Any:
    await asyncio.get_running_loop().create_future()


def registered(*sources: Given) -> Collectors:
    collectors = Collectors()
    for source in sources:
        collectors.register(source)
    return collectors


def gathered(
    collectors: Collectors, policy: Policy = "BEST_EFFORT", pass_us: int = 0, **more: Any
) -> tuple[dict[str, Any], dict[str, tuple[str, int]]]:
    """(source type -> data, source type -> (kind, entries before it))."""
    clock = VirtualClock(7)
    timer = VirtualTimer(clock)

    async def main() -> Collected:
        waiting = asyncio.ensure_future(asyncio.wait_for(_as_coroutine(started), 5))
        for _ in range(10):
            await asyncio.sleep(0)
        timer.advance(pass_us)
        return await waiting

    started = collect(
        collectors.of("character"), "character", "k-7", clock, policy=policy, timer=timer, timeout_us=1_000_000, **more
    )
    found = asyncio.run(main()) if hasattr(started, "__await__") else started
    assert isinstance(found, Collected)
    data = {entry.source_type: decode(entry.data, entry.checksum) for entry in found.entries}
    return data, {failure.source_type: (failure.kind, failure.before) for failure in found.failures}


async def _as_coroutine(awaitable: Any) -> Any:
    return await awaitable


def test_res_011_entries_arrive_by_priority_and_ties_by_name() -> None:
    names = ["quest", "character-encounter", "storyline", "obligation", "character-history", "character-personality"]
    sources = [Given(name, {"n": 1}) for name in ["character-base", *names, "character-b", "character-a"]]
    ordered = [one.source_type for one in registered(*sources).of("character")]
    assert ordered == [
        "character-base", "character-personality", "character-history", "obligation", "character-encounter",
        "storyline", "quest", "character-a", "character-b",
    ]  # fmt: skip
    assert list(gathered(registered(*reversed(sources)))[0]) == ordered
    priorities = [one.priority for one in registered(*sources).of("character")]
    assert priorities == [0, 10, 20, 25, 30, 40, 50, 100, 100]


def test_res_025_the_storyline_comes_after_the_four() -> None:
    four = ["character-base", "character-personality", "character-history", "character-encounter"]
    sources = [Given(name, {"n": 1}) for name in ["character-storyline", *four]]
    assert list(gathered(registered(*sources))[0]) == [*four, "character-storyline"]


def test_res_056_storyline_and_quest_are_collected_under_both_spellings() -> None:
    data, failures = gathered(registered(Given("quest", {"active_count": 2}), Given("character-storyline", {"n": 1})))
    assert (data, failures) == ({"character-storyline": {"n": 1}, "quest": {"active_count": 2}}, {})


def test_attributes_of_a_source_and_of_its_registration() -> None:
    collectors = Collectors()
    one = collectors.register(Given("harbor-lamp", priority=3, service_name="lamps", schema_version=2))
    assert (one.resource_type, one.priority, one.service_name, one.schema_version, one.is_root) == (
        "harbor", 3, "lamps", 2, False,
    )  # fmt: skip
    other = collectors.register(Given("lamp"), "harbor", priority=1, service_name="x", is_root=True)
    assert (other.priority, other.service_name, other.is_root) == (1, "x", True)
    assert collectors.of("harbor") == (other, one)
    assert collectors.unregister("harbor", "lamp") and not collectors.unregister("harbor", "lamp")
    assert collectors.of("harbor") == (one,) and collectors.of("nothing") == ()


@pytest.mark.parametrize("source", [Given(""), Given("-x")])
def test_a_source_without_a_name_is_refused(source: Given) -> None:
    with pytest.raises(ValueError, match="needs a"):
        Collectors().register(source)


def test_a_source_is_registered_once() -> None:
    with pytest.raises(ValueError, match="has a source already"):
        registered(Given("quest"), Given("quest"))


def test_sources_that_answer_at_once_need_no_event_loop() -> None:
    found = collect(registered(Given("quest", {"n": 1})).of("character"), "character", "k", VirtualClock())
    assert isinstance(found, Collected) and len(found.entries) == 1


@pytest.mark.parametrize("wrap", [lambda value: value, soon], ids=["at once", "awaited"])
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (RuntimeError("down"), "unavailable"),
        (TimeoutError(), "timeout"),
        ([1, 2], "decode_error"),
        ({"n": float("nan")}, "decode_error"),
        ({"n": object()}, "decode_error"),
        ({"n": "\ud800"}, "decode_error"),
        ({"n": "x" * 5000}, "decode_error"),
    ],
)
def test_res_039_a_failing_source_spares_the_others(wrap: Any, answer: Any, kind: str) -> None:
    sources = [
        Given("character-base", wrap({"name": "Orla"})),
        Given("character-history", wrap(answer)),
        Given("character-encounter", wrap({"recent_count": 1})),
    ]
    data, failures = gathered(registered(*sources), limits=DecodeLimits(max_bytes=1000))
    assert data == {"character-base": {"name": "Orla"}, "character-encounter": {"recent_count": 1}}
    assert failures == {"character-history": (kind, 1)}
    with pytest.raises(CollectFault) as caught:
        gathered(registered(*sources), "ALL_REQUIRED", limits=DecodeLimits(max_bytes=1000))
    assert (caught.value.kind, caught.value.source) == (kind, "character-history")


def test_data_that_contains_itself_is_a_failure() -> None:
    cycle: dict[str, Any] = {}
    cycle["self"] = cycle
    data, failures = gathered(registered(Given("character-base", {}), Given("quest", cycle)))
    assert data == {"character-base": {}} and failures == {"quest": ("decode_error", 1)}


def test_a_slow_source_times_out_on_the_given_clock() -> None:
    sources = [Given("character-base", soon({"a": 1})), Given("character-history", never), Given("quest", soon({}))]
    data, failures = gathered(registered(*sources), pass_us=1_000_000)
    assert data == {"character-base": {"a": 1}, "quest": {}}
    assert failures == {"character-history": ("timeout", 1)}


def test_a_source_that_refuses_to_be_cancelled_holds_nobody_up() -> None:
    stubborn = asyncio.Event()

    async def refuses() -> Any:
        try:
            await stubborn.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            raise RuntimeError("too late to matter") from None

    data, failures = gathered(registered(Given("character-base", {}), Given("quest", refuses)), pass_us=1_000_000)
    assert data == {"character-base": {}} and failures == {"quest": ("timeout", 1)}


def test_the_first_failure_ends_a_collection_that_needs_all() -> None:
    sources = [Given("character-base", never), Given("quest", soon(RuntimeError("down")))]
    with pytest.raises(CollectFault, match="quest: the source failed: RuntimeError: down"):
        gathered(registered(*sources), "ALL_REQUIRED")
    later = Given("quest", {})
    with pytest.raises(CollectFault):
        gathered(registered(Given("character-base", soon({})), Given("obligation", OSError()), later), "ALL_REQUIRED")
    assert later.calls == []


@pytest.mark.parametrize("wrap", [lambda value: value, soon], ids=["at once", "awaited"])
def test_res_040_an_entity_that_is_gone_is_not_found(wrap: Any) -> None:
    gone = [
        [Given("character-base", wrap(None)), Given("quest", wrap({"n": 1}))],
        [Given("character-history", wrap(None)), Given("quest", wrap(None))],
        [Given("character-base", wrap({})), Given("quest", wrap(ResourceMissing("gone")))],
        [],
    ]
    for sources in gone:
        with pytest.raises(CollectFault) as caught:
            gathered(registered(*sources))
        assert caught.value.kind == "not_found" and str(caught.value) == "there is no character 'k-7'"


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((TimeoutError(), TimeoutError()), "timeout"),
        ((TimeoutError(), OSError()), "unavailable"),
        ((OSError(), None), "unavailable"),
        (([], []), "decode_error"),
    ],
)
def test_nothing_collected_at_all_is_a_failure_of_the_whole(answers: tuple[Any, Any], kind: str) -> None:
    with pytest.raises(CollectFault) as caught:
        gathered(registered(Given("character-history", answers[0]), Given("quest", answers[1])))
    assert caught.value.kind == kind and caught.value.source is None


def test_nobody_is_left_waiting_when_the_collection_is_cancelled() -> None:
    ended: list[str] = []

    async def hangs() -> Any:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("cancelled")

    async def main() -> None:
        found = collect(registered(Given("quest", hangs)).of("character"), "character", "k", VirtualClock())
        task = asyncio.ensure_future(_as_coroutine(found))
        await asyncio.sleep(0.0)
        await asyncio.sleep(0.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0)

    asyncio.run(main())
    assert ended == ["cancelled"]


def test_awaitables_need_not_be_coroutines() -> None:
    class Later:
        def __await__(self) -> Any:
            yield from asyncio.sleep(0).__await__()
            return {"n": 1}

    assert gathered(registered(Given("quest", Later)))[0] == {"quest": {"n": 1}}
    assert run(5) == 5
