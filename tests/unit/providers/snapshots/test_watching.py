"""Watches and events: who is told, what is dropped, what is fetched again and when."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.events import EventMapping, EventMappings, MappingFault
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.snapshots.settings import SnapshotSettings
from abml.providers.snapshots.view import BundleView
from abml.vm.clock import VirtualClock
from abml.vm.protocols import ResourceChange, SnapshotRequest, WatchEntry
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, Bundles, bundle, run

MAPPINGS = [
    EventMapping("personality.evolved", "character", "characterId", "character-personality"),
    EventMapping("history.recorded", "character", "character_id", "character-history"),
    EventMapping("tale.ended", "character", "hero.id", "storyline"),
    EventMapping("tale.ended", "character", "villain.id", "storyline"),
    EventMapping("character.deleted", "character", "characterId", "character-base", is_deletion=True),
]


class World:
    def __init__(self, backend: Bundles | None = None, **settings: Any) -> None:
        self.backend = Bundles({"k-7": bundle()}) if backend is None else backend
        self.clock = VirtualClock()
        self.warnings: list[str] = []
        self.service = SnapshotResources(
            self.backend,
            self.clock,
            Reading(REGISTRY, warn=self.warnings.append),
            SnapshotSettings(**settings),
            EventMappings(MAPPINGS),
        )
        self.told: list[tuple[str, ResourceChange]] = []

    def watch(self, actor: str, resource_id: str = "k-7", *sources: str, **more: Any) -> None:
        entry = WatchEntry("character", resource_id, frozenset(sources) or None, **more)
        self.service.watch(actor, entry, lambda change: self.told.append((actor, change)))

    def refresh(self) -> int:
        found = run(self.service.refresh())
        assert isinstance(found, int)
        return found

    def at(self, path: str, resource_id: str = "k-7") -> Any:
        view = run(self.service.fetch(SnapshotRequest("character", resource_id)))
        assert isinstance(view, BundleView)
        return view.get(tuple(path.split(".")))

    @property
    def calls(self) -> int:
        return len(self.backend.calls)


def test_changes_reach_those_whose_sources_they_are_about() -> None:
    """Vector R10."""
    world = World()
    world.watch("g/1", "k-7", "personality")
    world.watch("g/2", "k-7")
    assert world.service.on_event("history.recorded", {"character_id": "k-7"}) == 1
    assert [actor for actor, _ in world.told] == ["g/2"]
    payload = {"characterId": "k-7", "trait": "aggression", "timestamp": 99}
    assert world.service.on_event("personality.evolved", payload) == 2
    assert world.told[1] == (
        "g/1",
        ResourceChange("character", "k-7", "character-personality", "personality.evolved", payload, False, 99),
    )
    world.told.clear()
    world.clock.advance(5_000)
    assert world.service.on_event("character.deleted", {"characterId": "k-7"}) == 2
    assert [(actor, change.deleted, change.source_type) for actor, change in world.told] == [
        ("g/1", True, None), ("g/2", True, None),
    ]  # fmt: skip
    assert world.told[0][1].timestamp == 5
    # Nobody watches what is gone.
    assert world.service.on_event("personality.evolved", payload) == 0 and len(world.service.watches) == 0


def test_one_event_may_be_about_several_resources() -> None:
    world = World()
    world.watch("g", "k-7")
    world.watch("g", "k-8")
    assert world.service.on_event("tale.ended", {"hero": {"id": "k-8"}, "villain": {"id": "k-7"}}) == 2
    assert [change.resource_id for _, change in world.told] == ["k-8", "k-7"]


@pytest.mark.parametrize(
    "payload", [None, [], "x", {}, {"characterId": None}, {"characterId": ""}, {"characterId": " "}, {"characterId": 7}]
)
def test_events_that_name_no_resource_are_left_alone(payload: Any) -> None:
    world = World()
    world.watch("g")
    assert world.service.on_event("personality.evolved", payload) == 0
    assert world.service.on_event("unheard.of", {"characterId": "k-7"}) == 0
    assert world.told == []


def test_letter_case_and_underscores_of_fields() -> None:
    world = World()
    world.watch("g")
    assert world.service.on_event("personality.evolved", {"character_id": "k-7"}) == 1
    assert world.service.on_event("history.recorded", {"CharacterId": "k-7"}) == 1


@pytest.mark.parametrize("awaited", [False, True])
def test_res_037_after_an_event_the_next_read_is_new_data(awaited: bool) -> None:
    world = World(Bundles({"k-7": bundle(), "k-8": bundle(resource_id="k-8")}, awaited))
    assert (world.at("personality.aggression"), world.at("personality.aggression", "k-8")) == (0.75, 0.75)
    world.backend.answers["k-7"] = bundle({**DATA, "character-personality": {"aggression": 0.1}})
    assert world.at("personality.aggression") == 0.75
    world.service.on_event("personality.evolved", {"characterId": "k-7"})
    assert world.at("personality.aggression") == 0.1
    world.at("personality.aggression", "k-8")
    assert world.calls == 3


def test_res_037_compression_clears_the_resource() -> None:
    world = World(Bundles({"k-7": bundle(), ("archive", "k-7"): bundle(kind="archive")}))
    world.watch("g", "k-7", "personality")
    world.at("base.name")
    run(world.service.fetch(SnapshotRequest("character", "k-7", kind="archive")))
    assert len(world.service.cache) == 2
    payload = {"resourceType": "character", "resourceId": "k-7"}
    assert world.service.on_event("resource.compressed", payload) == 1
    assert len(world.service.cache) == 0 and world.told[0][1].deleted is False
    assert world.service.on_event("resource.compressed", {**payload, "sourceDataDeleted": True}) == 1
    assert world.told[1][1].deleted is True and len(world.service.watches) == 0


def test_invalidated_data_is_stale_when_newer_cannot_be_had() -> None:
    world = World()
    world.at("base.name")
    world.backend.answers["k-7"] = OSError("down")
    world.service.on_event("personality.evolved", {"characterId": "k-7"})
    assert world.at("_stale") is True and world.at("personality.aggression") == 0.75
    world.service.on_event("character.deleted", {"characterId": "k-7"})
    assert world.at("_loaded") is False


def test_an_event_about_a_source_the_bundle_lacks_makes_all_of_it_old() -> None:
    world = World()
    world.at("base.name")
    world.service.on_event("tale.ended", {"hero": {"id": "k-7"}})
    world.at("base.name")
    assert world.calls == 2


def test_an_event_about_a_source_the_bundle_lacks_is_looked_at() -> None:
    world = World()
    request = SnapshotRequest("character", "k-7", ("storyline",))
    run(world.service.fetch(request))
    world.service.on_event("tale.ended", {"hero": {"id": "k-7"}})
    world.backend.answers["k-7"] = bundle({"storyline": {"active": 1}})
    view = run(world.service.fetch(request))
    assert isinstance(view, BundleView) and view.get(("storyline", "active")) == 1


def test_data_that_changed_while_it_was_loaded_is_fetched_again() -> None:
    world = World()

    async def main() -> None:
        world.backend.awaited = True
        world.backend.gate = asyncio.Event()
        task = asyncio.ensure_future(_awaited(world.service.fetch(SnapshotRequest("character", "k-7"))))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        world.service.on_event("personality.evolved", {"characterId": "k-7"})
        world.backend.gate.set()
        assert (await task).get(("personality", "aggression")) == 0.75

    asyncio.run(main())
    world.backend.gate = None
    world.backend.answers["k-7"] = bundle({"character-personality": {"aggression": 0.2}})
    assert world.at("personality.aggression") == 0.2


@pytest.mark.parametrize("is_bulk", [False, True])
def test_a_second_load_beside_the_first_hears_of_changes_too(is_bulk: bool) -> None:
    world = World(Bundles({"k-7": bundle()}, awaited=True, bulk=is_bulk))
    request = SnapshotRequest("character", "k-7")

    async def begin(work: Any) -> asyncio.Future[Any]:
        task = asyncio.ensure_future(_awaited(work))
        for _ in range(5):
            await asyncio.sleep(0)
        return task

    with asyncio.Runner() as one, asyncio.Runner() as other:
        world.backend.gate = asyncio.Event()
        first = one.run(begin(world.service.fetch(request)))
        world.backend.gate = gate = asyncio.Event()
        second = other.run(
            begin(world.service.prefetch("character", ["k-7"]) if is_bulk else world.service.fetch(request))
        )
        world.service.on_event("personality.evolved", {"characterId": "k-7"})
        gate.set()
        other.run(begin(second))
        world.backend.answers["k-7"] = bundle({"character-personality": {"aggression": 0.2}})
        world.backend.gate = None
        view = other.run(_awaited(world.service.fetch(request)))
        assert second.done() and view.get(("personality", "aggression")) == 0.2
        first.cancel()


async def _awaited(given: Any) -> Any:
    return await given


@pytest.mark.parametrize("awaited", [False, True])
@pytest.mark.parametrize("is_bulk", [False, True])
def test_res_034_watched_resources_are_fetched_again_others_only_dropped(awaited: bool, is_bulk: bool) -> None:
    world = World(Bundles({"k-7": bundle(), "k-8": bundle(resource_id="k-8")}, awaited, is_bulk))
    world.at("base.name", "k-8")
    world.watch("g", alias="rival")
    assert world.refresh() == 1 and world.calls == 2
    assert world.refresh() == 0 and world.calls == 2
    # Invalidation.
    world.clock.advance(1_000_000)
    for resource_id in ("k-7", "k-8"):
        world.service.on_event("personality.evolved", {"characterId": resource_id})
    assert world.refresh() == 1 and world.calls == 3
    # Expiry: encounters live for ten minutes.
    world.clock.advance(600_000_000)
    assert world.refresh() == 1 and world.calls == 4
    assert world.refresh() == 0
    world.at("base.name", "k-7")
    assert world.calls == 4
    world.service.unwatch("g", "character", "k-7")
    world.clock.advance(600_000_000)
    assert world.refresh() == 0 and world.calls == 4


def test_many_changes_are_one_fetch_in_250_milliseconds() -> None:
    world = World()
    world.watch("g")
    world.refresh()
    world.clock.advance(1_000_000)
    event = ("personality.evolved", {"characterId": "k-7"})
    for _ in range(10):
        world.service.on_event(*event)
        world.refresh()
        world.clock.advance(10_000)
    # One at once, and one for all the others when the interval is over.
    assert world.calls == 2
    world.clock.advance(149_999)
    assert world.refresh() == 0
    world.clock.advance(1)
    assert world.refresh() == 1 and world.calls == 3
    world.clock.advance(10_000_000)
    assert world.refresh() == 0


def test_what_fails_is_tried_again_but_not_in_every_tick() -> None:
    world = World(Bundles({"k-7": OSError("down")}))
    world.watch("g")
    for _ in range(30):
        world.refresh()
        world.clock.advance(100_000)
    assert 2 <= world.calls <= 4
    world.backend.answers["k-7"] = bundle()
    world.clock.advance(2_000_000)
    assert world.refresh() == 1
    gone = World(Bundles())
    gone.watch("g")
    for _ in range(100):
        gone.refresh()
        gone.clock.advance(1_000_000)
    assert gone.calls == 4


def test_a_second_watch_takes_the_place_of_the_first() -> None:
    world = World()
    world.watch("g", "k-7", "personality")
    world.watch("g", "k-7", "history", alias="rival", on_change="turn")
    assert world.service.on_event("personality.evolved", {"characterId": "k-7"}) == 0
    assert world.service.on_event("history.recorded", {"characterId": "k-7"}) == 1
    (entry,) = world.service.watches.entries("g")
    assert (entry.sources, entry.alias, entry.on_change) == (frozenset({"character-history"}), "rival", "turn")


def test_an_actor_watches_256_resources_at_most() -> None:
    world = World()
    for n in range(256):
        world.watch("an actor with a plain name", f"k-{n}")
    with pytest.raises(ValueError, match="watches 256 resources already"):
        world.watch("an actor with a plain name", "one-more")
    world.watch("an actor with a plain name", "k-3", "history")
    world.watch("another", "one-more")
    assert len(world.service.watches) == 257
    with pytest.raises(ValueError, match="needs an actor"):
        world.watch("", "k-1")


def test_unwatch_is_idempotent_and_stop_ends_everything() -> None:
    world = World()
    world.watch("g", "k-7")
    world.watch("g", "k-8")
    world.watch("h", "k-8")
    world.service.unwatch("g", "character", "k-7")
    world.service.unwatch("g", "character", "k-7")
    world.service.unwatch("nobody", "character", "k-7")
    world.service.stop("g")
    world.service.stop("g")
    assert world.service.watches.entries("g") == [] and len(world.service.watches) == 1
    assert world.refresh() == 0 and [call[2] for call in world.backend.calls] == ["k-8"]


def test_watches_are_saved_and_restored_as_plain_data() -> None:
    world = World()
    world.watch("g", "k-7", "personality", "history", alias="rival", on_change="turn")
    world.watch("g", "k-8")
    saved = world.service.save("g")
    assert saved == [
        {
            "resource_type": "character",
            "resource_id": "k-7",
            "sources": ["character-history", "character-personality"],
            "alias": "rival",
            "on_change": "turn",
        },
        {"resource_type": "character", "resource_id": "k-8"},
    ]
    other = World()
    other.service.restore("g", saved, lambda change: other.told.append(("g", change)))
    assert other.service.save("g") == saved and other.refresh() == 1
    assert other.service.on_event("personality.evolved", {"characterId": "k-8"}) == 1


@pytest.mark.parametrize(
    "saved",
    [
        [17],
        [{}],
        [{"resource_type": "character", "resource_id": ""}],
        [{"resource_type": "character", "resource_id": "k", "sources": "x"}],
        [{"resource_type": "character", "resource_id": "k", "sources": [3]}],
        [{"resource_type": "character", "resource_id": "k", "alias": 3}],
        [{"resource_type": "character", "resource_id": f"k-{n}"} for n in range(300)],
    ],
)
def test_saved_watches_of_the_wrong_shape_change_nothing(saved: Any) -> None:
    world = World()
    world.watch("g", "k-7")
    good = {"resource_type": "character", "resource_id": "k-8"}
    with pytest.raises(ValueError):
        world.service.restore("g", [good, *saved], lambda change: None)
    assert [entry.resource_id for entry in world.service.watches.entries("g")] == ["k-7"]


def test_a_watcher_that_raises_spoils_nothing() -> None:
    world = World()

    def fails(change: ResourceChange) -> None:
        raise RuntimeError("not now")

    world.service.watch("a", WatchEntry("character", "k-7"), fails)
    world.watch("b")
    assert world.service.on_event("personality.evolved", {"characterId": "k-7"}) == 1
    assert world.warnings == ["a watcher of character 'k-7' failed: RuntimeError: not now"]


def test_a_watcher_may_end_its_watch_when_it_is_told() -> None:
    world = World()
    world.service.watch(
        "a", WatchEntry("character", "k-7"), lambda change: world.service.unwatch("a", "character", "k-7")
    )
    world.watch("b")
    assert world.service.on_event("personality.evolved", {"characterId": "k-7"}) == 2
    assert world.service.on_event("character.deleted", {"characterId": "k-7"}) == 1


SCHEMA = {
    "x-event-publications": [
        {"topic": "encounter.recorded", "event": "EncounterRecorded"},
        {"topic": "encounter.merged", "event": "EncounterRecorded"},
        {"topic": "other"},
    ],
    "components": {
        "schemas": {
            "EncounterRecorded": {
                "x-resource-mapping": {
                    "resource_type": "character",
                    "resource_id_field": "characterId",
                    "source_type": "character-encounter",
                }
            },
            "Buried": {
                "x-topic": "character.buried",
                "x-resource-mapping": {
                    "resource_type": "character",
                    "resource_id_field": "characterId",
                    "is_deletion": True,
                },
            },
            "Plain": {"type": "object"},
        }
    },
    "x-lifecycle": {
        "HarborLamp": {
            "primary_key": "lampId",
            "resource_mapping": {"resource_type": "harbor"},
        },
        "Quest": {
            "topic": "quest",
            "events": ["updated", "deleted"],
            "resource_mapping": {"resource_type": "character", "resource_id_field": "heroId", "source_type": "quest"},
        },
        "Unmapped": {},
    },
}


def test_mappings_come_from_event_schemas() -> None:
    mappings = EventMappings()
    assert mappings.load(SCHEMA) == 8
    mappings.load(SCHEMA)
    assert sorted(mappings) == [
        EventMapping("character.buried", "character", "characterId", None, True),
        EventMapping("encounter.merged", "character", "characterId", "character-encounter"),
        EventMapping("encounter.recorded", "character", "characterId", "character-encounter"),
        EventMapping("harbor-lamp.created", "harbor", "lampId", "harbor-lamp"),
        EventMapping("harbor-lamp.deleted", "harbor", "lampId", "harbor-lamp", True),
        EventMapping("harbor-lamp.updated", "harbor", "lampId", "harbor-lamp"),
        EventMapping("quest.deleted", "character", "heroId", "quest", True),
        EventMapping("quest.updated", "character", "heroId", "quest"),
    ]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"events": {"E": {"x-resource-mapping": 3}}}, "E: x-resource-mapping is no mapping"),
        ({"events": {"E": {"x-resource-mapping": {}}}}, "nothing says the topic"),
        ({"events": {"E": {"x-topic": "t", "x-resource-mapping": {}}}}, "resource_type: expected a text, found None"),
        (
            {"events": {"E": {"x-topic": "t", "x-resource-mapping": {"resource_type": "c"}}}},
            "resource_id_field: expected a text",
        ),
        (
            {
                "events": {
                    "E": {
                        "x-topic": "t",
                        "x-resource-mapping": {"resource_type": "c", "resource_id_field": "i", "is_deletion": "no"},
                    }
                }
            },
            "is_deletion: expected true or false",
        ),
        ({"x-event-publications": {}}, "is no list"),
        ({"x-event-publications": [3]}, "an item is no mapping"),
        ({"x-event-publications": [{"event": "E"}]}, "topic: expected a text"),
        ({"x-lifecycle": []}, "x-lifecycle is no mapping"),
        ({"x-lifecycle": {"E": {"resource_mapping": 3}}}, "resource_mapping is no mapping"),
        ({"x-lifecycle": {"E": {"resource_mapping": {"resource_type": "c"}}}}, "primary_key: expected a text"),
        ({"x-lifecycle": {"E": {"events": 3, "resource_mapping": {}}}}, "events is no list"),
    ],
)
def test_schemas_that_cannot_be_understood(schema: Any, message: str) -> None:
    mappings = EventMappings()
    with pytest.raises(MappingFault, match=message):
        mappings.load(schema)
    assert list(mappings) == []
