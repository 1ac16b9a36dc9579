"""Fetching through the cache: hits, misses, expiry, failures, single flight, prefetch."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import Sequence
from typing import Any

import pytest

from abml.providers.snapshots.backends import ScopedBackend
from abml.providers.snapshots.collectors import ResourceMissing
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.models import Archive, SourceFailure, moment
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.snapshots.timing import VirtualTimer
from abml.providers.snapshots.view import BundleView
from abml.providers.snapshots.wire import bundle_to_data
from abml.vm.clock import VirtualClock
from abml.vm.protocols import Resources, SnapshotRequest
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, Bundles, bundle, run

MINUTE = 60_000_000


class World:
    """A service over given bundles, with its clock and what it warned of."""

    def __init__(self, backend: Any, **settings: Any) -> None:
        self.backend = backend
        self.clock = VirtualClock()
        self.timer = VirtualTimer(self.clock)
        self.warnings: list[str] = []
        reading = Reading(REGISTRY, warn=self.warnings.append)
        self.service = SnapshotResources(backend, self.clock, reading, SnapshotSettings(**settings), timer=self.timer)

    def fetch(self, resource_id: str = "k-7", sources: Sequence[str] | None = None, **more: Any) -> BundleView:
        request = SnapshotRequest("character", resource_id, None if sources is None else tuple(sources), **more)
        found = run(self.service.fetch(request))
        assert isinstance(found, BundleView)
        return found

    def at(self, path: str, resource_id: str = "k-7", **more: Any) -> Any:
        return self.fetch(resource_id, **more).get(tuple(path.split(".")))


def both(test: Any) -> Any:
    """Run a test over a backend that answers at once and over one that is awaited."""
    return pytest.mark.parametrize("awaited", [False, True], ids=["at once", "awaited"])(test)


def test_it_is_the_resources_of_the_machine() -> None:
    resources: Resources = World(Bundles()).service
    assert resources is not None


@both
def test_res_021_a_second_load_asks_nobody(awaited: bool) -> None:
    world = World(Bundles({"k-7": bundle()}, awaited))
    assert world.at("personality.aggression") == 0.75
    second = world.service.fetch(SnapshotRequest("character", "k-7"))
    # At once: no coroutine is made for what is cached.
    assert isinstance(second, BundleView) and second.get(("base", "name")) == "Orla"
    assert world.backend.calls == [("snapshot", "character", "k-7")]


@both
def test_res_021_a_batch_of_ten_is_one_call(awaited: bool) -> None:
    world = World(Bundles({f"k-{n}": bundle(resource_id=f"k-{n}") for n in range(10)}, awaited, bulk=True))
    ids = [f"k-{n}" for n in range(10)]
    assert run(world.service.prefetch("character", ids)) == (10, 10)
    assert world.backend.calls == [ids]


@both
def test_res_019_two_behaviors_share_one_collection(awaited: bool) -> None:
    world = World(Bundles({"k-7": bundle()}, awaited))
    first = world.fetch(sources=("character-base", "character-personality", "character-history"))
    second = world.fetch(sources=("character-base", "character-encounter"))
    assert [len(view.get(("_sources",))) for view in (first, second)] == [3, 2]
    assert len(world.backend.calls) == 1 and len(world.service.cache) == 1


@both
def test_res_033_prefetched_resources_are_hits(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(20)]
    world = World(Bundles({one: bundle(resource_id=one) for one in ids}, awaited))
    assert run(world.service.prefetch("character", ids, ("character-base",))) == (20, 20)
    world.backend.calls.clear()
    for one in ids:
        assert isinstance(world.service.fetch(SnapshotRequest("character", one)), BundleView)
    assert world.backend.calls == []
    assert run(world.service.prefetch("character", ids)) == (20, 20)
    assert world.service.prefetch("character", []) == (0, 0)


@both
def test_res_048_batches_of_twenty_and_five_at_a_time(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(45)]
    answers = {one: bundle(resource_id=one) for one in ids[:-1]}
    bulk = World(Bundles(answers, awaited, bulk=True))
    assert run(bulk.service.prefetch("character", [*ids, *ids])) == (44, 45)
    assert [len(call) for call in bulk.backend.calls] == [20, 20, 5]
    single = World(Bundles(answers, awaited))
    assert run(single.service.prefetch("character", ids)) == (44, 45)
    assert len(single.backend.calls) == 45
    assert single.backend.most == (5 if awaited else 0)
    small = World(Bundles(answers, awaited, bulk=True), prefetch_batch_size=30, prefetch_concurrency=1)
    assert run(small.service.prefetch("character", ids)) == (44, 45)
    assert [len(call) for call in small.backend.calls] == [30, 15] and small.backend.most == (1 if awaited else 0)


@both
def test_a_failing_prefetch_is_no_error(awaited: bool) -> None:
    answers = {"a": bundle(resource_id="a"), "b": OSError("down"), "c": 17}
    assert run(World(Bundles(answers, awaited)).service.prefetch("character", list("abcd"))) == (1, 4)

    def fails(*call: Any) -> Any:
        raise OSError("down")

    for wrong in (fails, lambda *call: 17, lambda *call: {"a": 17}):
        world = World(Bundles(answers, awaited))
        world.backend.load_many = wrong
        assert run(world.service.prefetch("character", list("ab"))) == (0, 2)
        assert world.at("_error.kind", "a") is None


def test_one_missing_resource_does_not_speak_for_its_batch() -> None:
    """A call for several that raises says nothing about each: what is there is still found."""

    def misses(*call: Any) -> Any:
        raise ResourceMissing("one of them is gone")

    world = World(Bundles({"a": bundle(resource_id="a")}))
    world.backend.load_many = misses
    assert run(world.service.prefetch("character", ["a", "b"])) == (0, 2)
    assert world.at("_error.kind", "a") is None
    assert world.at("_error.kind", "b") == "not_found"


def test_res_035_expiry_is_that_of_the_template_or_the_default() -> None:
    data = {**DATA, "harbor-lamp": {}}
    world = World(Bundles({"k-7": bundle(data)}))
    world.fetch()
    for minutes, sources, calls in [
        (4, ["harbor-lamp", "character-history"], 1),
        (5, ["character-history", "character-personality"], 1),
        (5, ["harbor-lamp"], 2),
        (9, ["harbor-lamp", "character-encounter"], 2),
    ]:
        world.clock.advance_to(minutes * MINUTE)
        world.fetch(sources=sources)
        assert len(world.backend.calls) == calls
    assert SnapshotSettings().default_ttl_minutes == 5


def test_res_036_ttls_of_well_known_sources_come_from_their_templates() -> None:
    world = World(Bundles({"k-7": bundle({**DATA, "quest": {"active_count": 1}})}))
    world.fetch()
    minutes = {"personality": 60, "history": 30, "encounters": 10, "quest": 5}
    for name, ttl in sorted(minutes.items(), key=lambda item: item[1]):
        world.clock.advance_to(ttl * MINUTE - 1)
        world.fetch(sources=[name])
        assert len(world.backend.calls) == 1, name
    world.clock.advance_to(60 * MINUTE)
    world.fetch(sources=["personality"])
    assert len(world.backend.calls) == 2


def test_expiry_per_entry() -> None:
    """Vector R6: a request for everything refetches when the shortest-lived entry has expired."""
    data = {"character-personality": DATA["character-personality"], "quest": {"active_count": 1}}
    world = World(Bundles({"k-7": bundle(data)}))
    world.fetch()
    world.clock.advance_to(6 * MINUTE)
    world.fetch(sources=["character-personality"])
    assert len(world.backend.calls) == 1
    world.fetch()
    assert len(world.backend.calls) == 2


def test_what_a_bundle_lacks_is_looked_for_again_when_its_ttl_is_over() -> None:
    world = World(Bundles({"k-7": bundle()}))
    world.fetch(sources=["quest"])
    world.clock.advance_to(5 * MINUTE - 1)
    world.fetch(sources=["quest"])
    assert len(world.backend.calls) == 1
    world.clock.advance_to(5 * MINUTE)
    world.backend.answers["k-7"] = bundle({**DATA, "quest": {"active_count": 4}})
    assert world.at("quest.active_count", sources=["quest"]) == 4


def test_a_source_that_failed_is_asked_again_after_the_time_of_negative_results() -> None:
    failed = SourceFailure("character-history", "unavailable", "down", 1)
    world = World(Bundles({"k-7": bundle({"character-base": {}}, failures=(failed,))}))
    assert world.at("_error.source") == "character-history"
    world.clock.advance_to(29_999_999)
    world.fetch()
    world.fetch(sources=["character-history"])
    assert len(world.backend.calls) == 1
    world.clock.advance_to(30_000_000)
    world.fetch(sources=["character-base"])
    assert len(world.backend.calls) == 1
    world.backend.answers["k-7"] = bundle()
    assert world.at("history.participations.0.role", sources=["character-history"]) == "pilot"


def test_age_limit_of_a_request() -> None:
    world = World(Bundles({"k-7": bundle()}))
    world.fetch()
    world.clock.advance(10_000_000)
    world.fetch(max_age_s=11)
    assert len(world.backend.calls) == 1
    world.fetch(max_age_s=10)
    assert len(world.backend.calls) == 2
    for odd, calls in ((0, 3), (-1, 4), (float("nan"), 4), (float("inf"), 4)):
        world.fetch(max_age_s=odd)
        assert len(world.backend.calls) == calls


@both
def test_res_040_three_causes_have_three_kinds(awaited: bool) -> None:
    failed = SourceFailure("character-history", "unavailable", "down", 1)
    answers = {"down": OSError("no route"), "partial": bundle({"character-base": {}}, "partial", failures=(failed,))}
    world = World(Bundles(answers, awaited))
    assert world.at("_error.kind", "down") == "unavailable"
    assert world.at("_error.kind", "gone") == "not_found"
    assert world.at("_error.kind", "partial") == "partial"
    assert "no route" in world.at("_error.message", "down")
    assert world.at("base.name", "down") is None


@both
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (17, "decode_error"),
        ({"resourceType": "character"}, "decode_error"),
        ({"resourceType": "character", "resourceId": "k-7", "entries": [{"sourceType": 3}]}, "decode_error"),
        (bundle(resource_id="other"), "decode_error"),
        (bundle(kind="archive"), "decode_error"),
        (Archive("character", "k-7", moment(0), {"x": object()}), "decode_error"),
        (ResourceMissing("gone"), "not_found"),
        (TimeoutError(), "timeout"),
        (RuntimeError(), "unavailable"),
        (None, "not_found"),
    ],
)
def test_every_bad_answer_has_its_kind_and_spares_the_others(awaited: bool, answer: Any, kind: str) -> None:
    world = World(Bundles({"k-7": answer, "k-8": bundle(resource_id="k-8")}, awaited))
    assert world.at("_error.kind") == kind
    assert world.at("personality.aggression", "k-8") == 0.75


@both
def test_res_039_ten_candidates_one_deleted(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(10)]
    world = World(Bundles({one: bundle(resource_id=one) for one in ids if one != "k-4"}, awaited))
    views = [world.fetch(one) for one in ids]
    scores = [view.get(("personality", "aggression")) for view in views if view.get(("_error",)) is None]
    assert scores == [0.75] * 9
    assert views[4].get(("_error", "kind")) == "not_found"


def test_res_039_a_failed_source_is_warned_of_once() -> None:
    failed = SourceFailure("character-history", "unavailable", "the source failed: down", 1)
    world = World(Bundles({"k-7": bundle({"character-base": {"name": "Orla"}}, failures=(failed,))}))
    for _ in range(5):
        assert world.at("base.name") == "Orla" and world.at("history.participations") is None
    assert world.warnings == ["character 'k-7', character-history: the source failed: down"]


def test_not_found_is_remembered_for_thirty_seconds() -> None:
    world = World(Bundles())
    world.fetch()
    world.clock.advance(29_999_999)
    assert isinstance(world.service.fetch(SnapshotRequest("character", "k-7")), BundleView)
    assert len(world.backend.calls) == 1
    world.clock.advance(1)
    world.backend.answers["k-7"] = bundle()
    assert world.at("base.name") == "Orla"


def test_errors_are_not_remembered() -> None:
    world = World(Bundles({"k-7": OSError()}))
    world.fetch()
    world.fetch()
    assert len(world.backend.calls) == 2


@both
def test_stale_data_is_served_on_errors_up_to_ten_times_its_ttl(awaited: bool) -> None:
    world = World(Bundles({"k-7": bundle()}, awaited))
    world.fetch()
    world.backend.answers["k-7"] = OSError("down")
    world.clock.advance_to(99 * MINUTE)
    view = world.fetch()
    assert view.get(("encounters", "recent_count")) == 3
    assert view.get(("_stale",)) is True and view.get(("_error", "kind")) == "unavailable"
    assert view.get(("_loaded",)) is True and view.get(("_age",)).micros == 99 * MINUTE
    # Encounters live for ten minutes, so after a hundred they are too old; the rest is not.
    world.clock.advance_to(100 * MINUTE)
    view = world.fetch()
    assert view.get(("encounters",)) is None and view.get(("personality", "aggression")) == 0.75
    assert view.get(("_missing",)) == ["character-encounter"] and view.get(("_stale",)) is True
    assert world.fetch(sources=["character-encounter"]).get(("_stale",)) is False
    world.clock.advance_to(600 * MINUTE)
    view = world.fetch()
    assert view.get(("personality",)) is None and view.get(("_loaded",)) is False


def test_stale_data_goes_when_the_entity_is_gone() -> None:
    world = World(Bundles({"k-7": bundle()}))
    world.fetch()
    world.clock.advance_to(10 * MINUTE)
    world.backend.answers.clear()
    assert world.at("_error.kind") == "not_found"
    world.backend.answers["k-7"] = OSError()
    world.clock.advance(MINUTE)
    assert world.at("_stale") is False and world.at("_loaded") is False


def pass_time(world: World, micros: int, *requests: SnapshotRequest) -> list[BundleView]:
    """Fetch together, with time passing when everything waits."""

    async def main() -> list[BundleView]:
        tasks = [asyncio.ensure_future(_view(world, request)) for request in requests]
        for _ in range(20):
            await asyncio.sleep(0)
        world.timer.advance(micros)
        return await asyncio.wait_for(asyncio.gather(*tasks), 5)

    return asyncio.run(main())


async def _view(world: World, request: SnapshotRequest) -> BundleView:
    found = world.service.fetch(request)
    return await found if inspect.isawaitable(found) else found


def test_a_backend_that_never_answers_times_out_on_the_given_clock() -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True))
    world.backend.gate = asyncio.Event()
    (view,) = pass_time(world, 1_000_000, SnapshotRequest("character", "k-7"))
    assert view.get(("_error", "kind")) == "timeout"
    world.backend.gate = None
    assert world.at("base.name") == "Orla"
    world.clock.advance(31 * MINUTE)
    world.backend.gate = asyncio.Event()
    (view,) = pass_time(world, 1_000_000, SnapshotRequest("character", "k-7"))
    assert view.get(("_stale",)) is True and view.get(("_error", "kind")) == "timeout"


def test_concurrent_loads_share_one_fetch() -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True))
    requests = [SnapshotRequest("character", "k-7", (name,)) for name in DATA] * 5
    views = pass_time(world, 0, *requests)
    assert len(world.backend.calls) == 1
    assert all(len(view.get(("_sources",))) == 1 for view in views)


def test_a_prefetch_and_a_fetch_share_one_call() -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True, bulk=True))

    async def main() -> None:
        world.backend.gate = asyncio.Event()
        warm = asyncio.ensure_future(_awaited(world.service.prefetch("character", ["k-7", "k-8"])))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        reading = asyncio.ensure_future(_view(world, SnapshotRequest("character", "k-7")))
        await asyncio.sleep(0)
        # Who gives up takes nothing away from those who joined.
        warm.cancel()
        world.backend.gate.set()
        assert (await reading).get(("base", "name")) == "Orla"

    asyncio.run(main())
    assert world.backend.calls == [["k-7", "k-8"]]


async def _awaited(given: Any) -> Any:
    return await given


def test_a_load_goes_on_when_the_first_who_waited_gives_up() -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True))

    async def main() -> None:
        world.backend.gate = asyncio.Event()
        first, second = (asyncio.ensure_future(_view(world, SnapshotRequest("character", "k-7"))) for _ in range(2))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        world.backend.gate.set()
        assert (await second).get(("base", "name")) == "Orla"

    asyncio.run(main())
    assert len(world.backend.calls) == 1


def test_event_loops_that_take_turns_do_not_wait_for_each_other() -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True))
    one, other = (asyncio.Runner(), asyncio.Runner())
    request = SnapshotRequest("character", "k-7")
    # Asked for outside of any loop, as a handler does, and begun in one that then stands still.
    given = world.service.fetch(request)

    async def begin() -> asyncio.Future[Any]:
        world.backend.gate = asyncio.Event()
        task = asyncio.ensure_future(_awaited(given))
        for _ in range(5):
            await asyncio.sleep(0)
        return task

    with one, other:
        task = one.run(begin())
        gate, world.backend.gate = world.backend.gate, None
        assert other.run(_view(world, request)).get(("base", "name")) == "Orla"
        assert gate is not None
        gate.set()

        async def end() -> Any:
            return await task

        assert one.run(end()).get(("base", "name")) == "Orla"
    assert len(world.backend.calls) == 2


@both
def test_res_061_archives_are_chosen_or_found(awaited: bool) -> None:
    dead = bundle(kind="archive")
    world = World(Bundles({("archive", "k-7"): dead, "k-8": bundle(resource_id="k-8")}, awaited))
    assert world.at("base.name", kind="archive") == "Orla"
    assert world.at("_kind", kind="archive") == "archive"
    assert world.at("_error.kind", kind="snapshot") == "not_found"
    found = world.fetch(kind="auto")
    assert found.get(("_kind",)) == "archive" and found.get(("personality", "aggression")) == 0.75
    assert world.at("_kind", "k-8", kind="auto") == "snapshot"
    assert world.at("_error.kind", "k-9", kind="auto") == "not_found"
    calls = len(world.backend.calls)
    assert isinstance(world.service.fetch(SnapshotRequest("character", "k-7", kind="auto")), BundleView)
    assert len(world.backend.calls) == calls
    world.backend.answers["k-6"] = OSError("down")
    # Only an entity that is gone has its archive read; of one that cannot be had nobody knows.
    assert world.at("_error.kind", "k-6", kind="auto") == "unavailable"


def test_res_022_nested_and_flat_answers_read_alike() -> None:
    deep = Archive("character-scar", "k-7", moment(0), {"place": "hand"})
    history = Archive("character-history", "k-7", moment(0), DATA["character-history"], (deep,))
    nested = Archive("character", "k-7", moment(0), DATA["character-base"], (history,))
    plain = bundle_to_data(bundle())
    world = World(Bundles({("archive", "k-7"): nested, "k-7": plain}))
    assert world.at("base.name", kind="archive") == world.at("character.name", kind="archive") == "Orla"
    assert world.at("character-history.participations.1.role", kind="archive") == "smuggler"
    assert world.at("history.scar.place", kind="archive") == "hand"
    assert world.at("character-history.participations.1.role") == "smuggler"


def test_an_archive_that_contains_itself_is_a_decode_error() -> None:
    class Cyclic:
        resource_type = "character"
        resource_id = "k-7"
        archived_at = moment(0)
        schema_version = 1
        data: dict[str, Any] = {}

        @property
        def nested(self) -> list[Any]:
            return [self]

    world = World(
        Bundles({("archive", "k-7"): Cyclic(), ("archive", "k-8"): bundle(resource_id="k-8", kind="archive")})
    )
    assert world.at("_error.kind", kind="archive") == "decode_error"
    assert "contains itself" in world.at("_error.message", kind="archive")
    assert world.at("base.name", "k-8", kind="archive") == "Orla"


def test_the_cache_keeps_the_most_recently_used() -> None:
    ids = [f"k-{n}" for n in range(4)]
    world = World(Bundles({one: bundle(resource_id=one) for one in ids}), cache_max=3)
    for one in ("k-0", "k-1", "k-2", "k-0", "k-3", "k-0", "k-2"):
        world.fetch(one)
    assert [call[2] for call in world.backend.calls] == ["k-0", "k-1", "k-2", "k-3"]
    world.fetch("k-1")
    assert len(world.backend.calls) == 5 and len(world.service.cache) == 3


def test_what_can_never_be_served_again_is_swept_at_most_once_a_minute() -> None:
    world = World(Bundles({"k-7": bundle()}))
    world.fetch("k-7")
    for n in range(50):
        world.fetch(f"gone-{n}")
    assert len(world.service.cache) == 51
    world.clock.advance(MINUTE)
    world.fetch("gone-x")
    assert len(world.service.cache) == 2
    world.clock.advance(MINUTE - 1)
    assert world.service.cache.sweep() == 0
    world.clock.advance(601 * MINUTE)
    assert world.service.cache.sweep() == 2 and len(world.service.cache) == 0


@both
@pytest.mark.parametrize("is_bulk", [False, True])
@pytest.mark.parametrize("scope", ["plain", "asynchronous"])
def test_res_008_each_load_opens_and_closes_one_client(awaited: bool, is_bulk: bool, scope: str) -> None:
    told: list[str] = []
    inner = Bundles({"k-7": bundle(), "k-8": OSError("down")}, awaited, bulk=is_bulk)

    class Plain:
        def __enter__(self) -> Any:
            told.append("open")
            return inner

        def __exit__(self, *error: object) -> None:
            told.append("close")

    class Asynchronous:
        async def __aenter__(self) -> Any:
            return Plain().__enter__()

        async def __aexit__(self, *error: object) -> None:
            Plain().__exit__()

    world = World(ScopedBackend(Plain if scope == "plain" else Asynchronous, is_bulk=is_bulk))
    assert world.at("base.name") == "Orla" and told == ["open", "close"]
    world.fetch()
    assert len(told) == 2
    assert world.at("_error.kind", "k-8") == "unavailable" and told == ["open", "close"] * 2
    assert run(world.service.prefetch("character", ["k-9"])) == (0, 1) and told == ["open", "close"] * 3


def test_res_054_one_cache_serves_every_actor() -> None:
    world = World(Bundles({"k-7": bundle()}))
    for sources in (("personality",), None, ("character_history", "BASE")):
        world.fetch(sources=sources)
    assert len(world.backend.calls) == 1 and len(world.service.cache) == 1
    assert world.at("temper.aggression", aliases=(("Temper", "character-personality"),)) == 0.75


def test_res_042_dedicated_providers_and_snapshots_stand_side_by_side() -> None:
    class Own:
        def get(self, path: tuple[str, ...]) -> Any:
            return {("aggression",): 0.1}.get(path)

    providers = {"personality": Own(), "rival": World(Bundles({"k-7": bundle()})).fetch()}
    assert providers["personality"].get(("aggression",)) == 0.1
    assert providers["rival"].get(("personality", "aggression")) == 0.75


@pytest.mark.parametrize("is_bulk", [False, True])
def test_what_nobody_awaits_can_be_closed(is_bulk: bool) -> None:
    """A coroutine that is neither run nor closed would warn, and warnings are errors here."""
    world = World(Bundles({"k-7": bundle()}, awaited=True, bulk=is_bulk))
    given: Any = [
        world.service.fetch(SnapshotRequest("character", "k-7")),
        world.service.fetch(SnapshotRequest("character", "k-7", kind="auto")),
        world.service.prefetch("character", ["k-7", "k-8"]),
    ]
    for one in given:
        one.close()
    gc.collect()
    assert world.at("base.name") == "Orla"
    # Of two who wanted the same load one still does.
    first, second = (world.service.fetch(SnapshotRequest("character", "k-9")) for _ in range(2))
    first.close()  # type: ignore[union-attr]
    assert run(second).get(("_error", "kind")) == "not_found"
