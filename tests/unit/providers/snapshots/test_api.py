"""The snapshot service: complete snapshots stored, filtered answers, archives, and the machine's backend over it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from abml.providers.snapshots.api import LocalBackend, SnapshotAnswer, SnapshotApi
from abml.providers.snapshots.collectors import CollectFault, Collectors
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.timing import VirtualTimer
from abml.providers.snapshots.view import BundleView
from abml.providers.stores.archives import MemoryArchives
from abml.providers.stores.faults import StoreFault
from abml.providers.stores.snapshots import MemorySnapshots
from abml.vm.clock import VirtualClock
from abml.vm.protocols import SnapshotRequest
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, run
from tests.unit.providers.snapshots.test_collectors import Given, soon


class World:
    def __init__(self, awaited: bool = False) -> None:
        self.clock = VirtualClock(1_000)
        self.sources = {name: Given(name, soon(data) if awaited else data) for name, data in DATA.items()}
        collectors = Collectors()
        for source in self.sources.values():
            collectors.register(source)
        self.events: list[tuple[str, Any]] = []
        self.timer = VirtualTimer(self.clock)
        self.api = SnapshotApi(
            collectors,
            MemorySnapshots(self.clock),
            MemoryArchives(),
            self.clock,
            templates=REGISTRY,
            publish=lambda topic, payload: self.events.append((topic, payload)),
            timer=self.timer,
        )

    def execute(self, *filters: str, **more: Any) -> SnapshotAnswer:
        found = run(self.api.execute("character", "k-7", list(filters) or None, **more))
        assert isinstance(found, SnapshotAnswer)
        return found

    @property
    def collections(self) -> int:
        return len(self.sources["character-base"].calls)


def types(answer: SnapshotAnswer | None) -> list[str]:
    assert answer is not None
    return [entry.source_type for entry in answer.entries]


@pytest.mark.parametrize("awaited", [False, True])
def test_res_044_filters_of_both_calls(awaited: bool) -> None:
    world = World(awaited)
    whole = world.execute()
    assert types(whole) == list(DATA)
    for filters, expected in [
        (("character-history", "character-base"), ["character-base", "character-history"]),
        (("no-such-type",), []),
        (("PERSONALITY", "character"), ["character-base", "character-personality"]),
    ]:
        assert types(world.execute(*filters)) == expected
        assert types(world.api.get(whole.snapshot_id, filters)) == expected
    assert types(world.api.get(whole.snapshot_id)) == list(DATA) == types(world.api.get(whole.snapshot_id, ()))
    assert world.collections == 1


def test_res_045_ten_filters_are_one_stored_entry() -> None:
    world = World()
    names = list(DATA)
    ids = {world.execute(*names[: n % 4 + 1], *names[n % 3 :]).snapshot_id for n in range(10)}
    assert len(world.api.snapshots) == 1 and len(ids) == 1 and world.collections == 1


def test_res_052_a_filter_never_reduces_what_is_collected() -> None:
    world = World()
    first = world.execute("character-base")
    assert types(first) == ["character-base"]
    assert all(len(source.calls) == 1 for source in world.sources.values())
    assert types(world.execute()) == list(DATA)


def test_res_012_a_snapshot_is_gone_after_an_hour_and_made_anew() -> None:
    world = World()
    first = world.execute()
    world.clock.advance(3_600_000_000)
    assert world.api.get(first.snapshot_id) is None
    second = world.execute(ttl_seconds=1)
    assert second.snapshot_id != first.snapshot_id and world.collections == 2
    world.clock.advance(60_000_000)
    assert world.api.get(second.snapshot_id) is None


@pytest.mark.parametrize("awaited", [False, True])
def test_res_012_archives_count_their_versions(awaited: bool) -> None:
    world = World(awaited)
    first = run(world.api.compress("character", "k-7"))
    second = run(world.api.compress("character", "k-7", source_data_deleted=True))
    assert (first.version, second.version) == (1, 2)
    assert world.api.archives.versions("character", "k-7") == [1, 2]
    assert [(topic, payload["version"], payload["sourceDataDeleted"]) for topic, payload in world.events] == [
        ("resource.compressed", 1, False), ("resource.compressed", 2, True),
    ]  # fmt: skip


def test_archives_require_all_sources_and_snapshots_do_not() -> None:
    world = World()
    world.sources["character-history"].answer = OSError("down")
    with pytest.raises(CollectFault, match="character-history: the source failed: OSError: down"):
        run(world.api.compress("character", "k-7"))
    assert world.api.archives.latest("character", "k-7") is None and world.events == []
    answer = world.execute()
    assert [one.source_type for one in answer.failures] == ["character-history"]
    assert world.execute("character-base").failures == ()
    assert len(run(world.api.compress("character", "k-7", policy="BEST_EFFORT")).entries) == 3


def test_events_tell_of_new_snapshots() -> None:
    world = World()
    answer = world.execute()
    world.execute()
    ((topic, payload),) = world.events
    assert topic == "resource.snapshot.created"
    assert payload == {
        "resourceType": "character",
        "resourceId": "k-7",
        "sourceTypes": list(DATA),
        "timestamp": 1_000,
        "createdAt": "1970-01-01T00:00:01.000Z",
        "snapshotId": str(answer.snapshot_id),
    }


def test_equal_histories_have_equal_ids() -> None:
    assert World().execute().snapshot_id == World().execute().snapshot_id
    world = World()
    first = world.execute().snapshot_id
    world.api.snapshots.outdate("character", "k-7")
    assert world.execute().snapshot_id != first


def test_nobody_and_nothing() -> None:
    world = World()
    world.sources["character-base"].answer = None
    with pytest.raises(CollectFault) as caught:
        world.execute()
    assert caught.value.kind == "not_found" and len(world.api.snapshots) == 0
    with pytest.raises(CollectFault, match="there is no ship 's'"):
        run(world.api.execute("ship", "s"))


# --------------------------------------------------------------- the machine


def service(world: World, warnings: list[str] | None = None) -> SnapshotResources:
    reading = Reading(REGISTRY, warn=None if warnings is None else warnings.append)
    return SnapshotResources(LocalBackend(world.api), world.clock, reading, timer=world.timer)


def fetched(resources: SnapshotResources, **more: Any) -> BundleView:
    found = run(resources.fetch(SnapshotRequest("character", "k-7", **more)))
    assert isinstance(found, BundleView)
    return found


@pytest.mark.parametrize("awaited", [False, True])
def test_res_019_gods_with_different_filters_run_the_collectors_once(awaited: bool) -> None:
    """Vector R5."""
    world = World(awaited)
    resources = service(world)
    tragedy = fetched(resources, sources=("character-base", "character-personality", "character-history"))
    monsters = fetched(resources, sources=("character-base", "character-encounter"))
    assert (len(tragedy.get(("_sources",))), len(monsters.get(("_sources",)))) == (3, 2)
    assert all(len(source.calls) == 1 for source in world.sources.values())


@pytest.mark.parametrize("awaited", [False, True])
def test_res_039_the_history_collector_fails(awaited: bool) -> None:
    """Vector R8."""
    world = World(awaited)
    world.sources["character-history"].answer = OSError("down")
    warnings: list[str] = []
    view = fetched(service(world, warnings))
    assert view.get(("personality", "aggression")) == 0.75 and view.get(("history",)) is None
    assert view.get(("_partial",)) is True and view.get(("_missing",)) == ["character-history"]
    assert (view.get(("_error", "kind")), view.get(("_error", "source"))) == ("partial", "character-history")
    assert len(warnings) == 1


def test_res_025_storyline_and_quest_are_entries_of_a_snapshot() -> None:
    world = World()
    for name in ("quest", "storyline"):
        world.api.collectors.register(Given(name, {"active_count": 1}))
    view = fetched(service(world))
    assert view.get(("_sources",)) == [*DATA, "storyline", "quest"]
    assert view.get(("storyline", "active_count")) == view.get(("character-quest", "active_count")) == 1


def test_a_slow_source_costs_only_itself() -> None:
    world = World()

    async def never() -> Any:
        await asyncio.get_running_loop().create_future()

    world.sources["character-history"].answer = never
    resources = service(world)

    async def main() -> Any:
        task = asyncio.ensure_future(_awaited(resources.fetch(SnapshotRequest("character", "k-7"))))
        for _ in range(10):
            await asyncio.sleep(0)
        world.timer.advance(1_000_000)
        return await asyncio.wait_for(task, 5)

    view = asyncio.run(main())
    assert view.get(("personality", "aggression")) == 0.75 and view.get(("_missing",)) == ["character-history"]
    assert "took too long" in view.get(("_error", "message"))


async def _awaited(given: Any) -> Any:
    return await given


@pytest.mark.parametrize("awaited", [False, True])
def test_res_061_a_dead_character_is_read_from_its_archive(awaited: bool) -> None:
    world = World(awaited)
    run(world.api.compress("character", "k-7", source_data_deleted=True))
    for source in world.sources.values():
        source.answer = None
    resources = service(world)
    assert fetched(resources).get(("_error", "kind")) == "not_found"
    for kind in ("archive", "auto"):
        view = fetched(resources, kind=kind)
        assert view.get(("_kind",)) == "archive" and view.get(("base", "name")) == "Orla"


def test_a_store_that_fails_is_unavailable() -> None:
    class Broken(MemoryArchives):
        def latest(self, resource_type: str, resource_id: str) -> Any:
            raise StoreFault("corrupt", "archives.db: malformed")

    world = World()
    world.api.archives = Broken()
    view = fetched(service(world), kind="archive")
    assert view.get(("_error", "kind")) == "unavailable" and "malformed [corrupt]" in view.get(("_error", "message"))
