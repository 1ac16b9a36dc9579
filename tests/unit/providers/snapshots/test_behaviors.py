"""Behaviors over real snapshots: what documents read, how often sources are asked, what goes wrong without harm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import isawaitable
from typing import Any

import pytest

import abml
from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.collectors import Collectors
from abml.providers.snapshots.decoded import Reading
from abml.providers.snapshots.events import EventMapping, EventMappings
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.stores.archives import MemoryArchives
from abml.providers.stores.snapshots import MemorySnapshots
from abml.vm.actor import Actor
from abml.vm.clock import VirtualClock
from abml.vm.protocols import SnapshotRequest
from tests.unit.providers.snapshots.snapshot_support import DATA, REGISTRY, run
from tests.unit.providers.snapshots.test_collectors import Given, soon

HEAD = """
version: "3.0"
metadata:
  id: {name}
  type: event_brain
  resource_templates: [{templates}]
flows:
  main:
"""
LOAD = "    - load_snapshot: {resource_type: character, resource_id: %s, name: candidate%s}\n"
SCORE = (
    "    - for_each:\n"
    "        variable: id\n"
    "        collection: '${ids}'\n"
    "        do:\n"
    "          - load_snapshot: {resource_type: character, resource_id: '${id}', name: candidate}\n"
    "          - cond:\n"
    "              - when: '${candidate._error != null}'\n"
    "                then: [ {log: '${id} ${candidate._error.kind}'}, continue ]\n"
    "          - log: '${id} ${candidate.personality.aggression}'\n"
)


class World:
    """Characters by id in sources, a snapshot service over them, and the clock of both."""

    def __init__(self, characters: Mapping[str, Mapping[str, Any]], awaited: bool = False) -> None:
        self.characters = dict(characters)
        self.clock = VirtualClock()
        self.warnings: list[str] = []
        self.failing: dict[str, Exception] = {}
        collectors = Collectors()
        self.sources = {name: Row(self, name, awaited) for name in DATA}
        for source in self.sources.values():
            collectors.register(source)
        self.api = SnapshotApi(collectors, MemorySnapshots(self.clock), MemoryArchives(), self.clock)
        self.resources = SnapshotResources(
            LocalBackend(self.api),
            self.clock,
            Reading(REGISTRY, warn=self.warnings.append),
            events=EventMappings([EventMapping("personality.evolved", "character", "id", "character-personality")]),
        )
        self.requests: list[SnapshotRequest] = []
        fetch = self.resources.fetch

        def spied(request: SnapshotRequest) -> Any:
            self.requests.append(request)
            return fetch(request)

        self.resources.fetch = spied  # type: ignore[method-assign]

    @property
    def collections(self) -> int:
        return len(self.sources["character-base"].calls)

    def run(self, body: str, name: str = "watcher", templates: str = "", **more: Any) -> list[str]:
        text = HEAD.replace("{name}", name).replace("{templates}", templates) + body
        result = abml.run(text, resources=self.resources, templates=REGISTRY, clock=self.clock, **more)
        assert result.error is None, result.error
        return [entry.message for entry in result.logs]


class Row(Given):
    """One source over the characters of a world."""

    def __init__(self, world: World, source_type: str, awaited: bool) -> None:
        super().__init__(source_type)
        self.world = world
        self.awaited = awaited

    def collect(self, resource_type: str, resource_id: str) -> Any:
        self.calls.append((resource_type, resource_id))
        found: Any = self.world.failing.get(self.source_type)
        if found is None:
            found = self.world.characters.get(resource_id, {}).get(self.source_type)
        if self.awaited:
            return soon(found)()
        if isinstance(found, Exception):
            raise found
        return found


class Bulk(LocalBackend):
    """A backend that answers for many resources in one call; `asked` holds every call."""

    def __init__(self, api: SnapshotApi) -> None:
        super().__init__(api)
        self.asked: list[list[str]] = []

    def load(self, kind: Any, resource_type: str, resource_id: str) -> Any:
        self.asked.append([resource_id])
        return super().load(kind, resource_type, resource_id)

    def load_many(self, kind: Any, resource_type: str, resource_ids: Any) -> Any:
        self.asked.append(list(resource_ids))
        return _each(resource_ids, lambda one: super(Bulk, self).load(kind, resource_type, one))


async def _each(ids: Sequence[str], load: Callable[[str], Any]) -> dict[str, Any]:
    """The answer for each id; for some it is an exception."""
    found: dict[str, Any] = {}
    for one in ids:
        try:
            answer = load(one)
            found[one] = await answer if isawaitable(answer) else answer
        except Exception as error:
            found[one] = error
    return found


def both(test: Any) -> Any:
    return pytest.mark.parametrize("awaited", [False, True], ids=["at once", "awaited"])(test)


@both
def test_res_014_three_paths_of_a_candidate(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    body = (
        LOAD % ("k-7", "")
        + "    - log: '${candidate.personality.aggression}'\n"
        + "    - log: '${candidate.history.participations[0].role}'\n"
        + "    - log: '${candidate.encounters.recent_count}'\n"
        + "    - set: {at: 1}\n"
        + "    - log: '${candidate.history.participations[at].role} ${candidate.history.participations.length}'\n"
    )
    assert world.run(body) == ["0.75", "pilot", "3", "smuggler 2"]


@both
def test_res_018_the_declared_templates_are_the_filter(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    world.run(LOAD % ("k-7", ""), templates="character-base, {type: character-personality, alias: temper}")
    assert world.requests[0].sources == ("character-base", "character-personality")
    world.run(LOAD % ("k-7", ", filter: [encounters]") + "    - log: '${candidate.encounters.recent_count}'\n")
    assert world.collections == 1


@both
def test_res_019_two_gods_share_what_one_collection_gave(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    count = LOAD % ("k-7", "") + "    - log: '${candidate._sources.length}'\n"
    tragedy = "character-base, character-personality, character-history"
    assert world.run(count, "tragedy", tragedy) == ["3"]
    assert world.run(count, "monsters", "character-base, character-encounter") == ["2"]
    assert all(len(source.calls) == 1 for source in world.sources.values())


@both
def test_res_033_a_loop_over_prefetched_ids_loads_nothing(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(20)]
    world = World({one: DATA for one in ids}, awaited)
    body = "    - prefetch_snapshots: {resource_type: character, resource_ids: '${ids}'}\n"
    world.run(body, scope={"ids": ids})
    assert world.collections == 20
    assert len(world.run(SCORE, scope={"ids": ids})) == 20
    assert world.collections == 20


@both
def test_res_039_nine_of_ten_candidates_are_scored(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(10)]
    world = World({one: DATA for one in ids if one != "k-4"}, awaited)
    told = world.run(SCORE, scope={"ids": ids})
    assert [line for line in told if line.endswith("0.75")] == [f"{one} 0.75" for one in ids if one != "k-4"]
    assert told[4] == "k-4 not_found"


@both
def test_res_039_a_failed_collector_is_one_warning(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    world.failing["character-history"] = OSError("down")
    body = LOAD % ("k-7", "") + "    - log: '${candidate.personality.aggression} ${candidate.history.participations}'\n"
    assert world.run(body) == ["0.75 null"]
    assert len(world.warnings) == 1 and "character-history" in world.warnings[0]


@both
def test_res_040_a_behavior_tells_three_causes_apart(awaited: bool) -> None:
    tell = "    - log: '${candidate._error.kind} ${candidate._error.source}'\n"
    world = World({"k-7": DATA}, awaited)
    assert world.run(LOAD % ("gone", "") + tell) == ["not_found null"]
    world.failing = {"character-history": OSError("down")}
    assert world.run(LOAD % ("k-7", "") + tell) == ["partial character-history"]
    world.failing = {name: OSError("down") for name in DATA}
    assert world.run(LOAD % ("k-8", "") + tell) == ["unavailable null"]


@both
def test_res_012_a_behavior_sees_snapshots_pass_and_archives_stay(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    answer = run(world.api.execute("character", "k-7"))
    versions = [run(world.api.compress("character", "k-7")).version for _ in range(2)]
    world.characters.clear()
    world.clock.advance(3_600_000_000)
    assert world.api.get(answer.snapshot_id) is None and versions == [1, 2]
    tell = "    - log: '${candidate._kind} ${candidate.base.name} ${candidate._error.kind}'\n"
    assert world.run(LOAD % ("k-7", "") + tell) == ["snapshot null not_found"]
    assert world.run(LOAD % ("k-7", ", source: archive") + tell) == ["archive Orla null"]


@both
def test_res_061_a_dead_character_is_loaded_from_its_archive(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    run(world.api.compress("character", "k-7"))
    world.characters.clear()
    tell = "    - log: '${candidate._kind} ${candidate.personality.aggression}'\n"
    for kind in ("archive", "auto"):
        assert world.run(LOAD % ("k-7", f", source: {kind}") + tell) == ["archive 0.75"]


@both
def test_res_037_after_an_event_a_behavior_reads_new_data(awaited: bool) -> None:
    world = World({"k-7": DATA}, awaited)
    tell = LOAD % ("k-7", "") + "    - log: '${candidate.personality.aggression}'\n"
    assert world.run(tell) == ["0.75"]
    world.characters["k-7"] = {**DATA, "character-personality": {"aggression": 0.25}}
    assert world.run(tell) == ["0.75"]
    world.resources.on_event("personality.evolved", {"id": "k-7"})
    assert world.run(tell) == ["0.25"]


@both
def test_res_048_forty_five_ids_of_a_behavior(awaited: bool) -> None:
    ids = [f"k-{n}" for n in range(45)]
    world = World({one: DATA for one in ids[1:]}, awaited)
    batches: list[int] = []
    backend: Any = world.resources._loader._backend

    def load_many(kind: str, resource_type: str, resource_ids: Any) -> Any:
        batches.append(len(resource_ids))
        found = {one: backend.load(kind, resource_type, one) for one in resource_ids if one in world.characters}
        return _settled(found) if awaited else found

    backend.load_many = load_many
    body = "    - prefetch_snapshots: {resource_type: character, resource_ids: '${ids}'}\n"
    told = world.run(body, scope={"ids": ids})
    assert batches == [20, 20, 5] and any("44/45" in line for line in told)


async def _settled(found: dict[str, Any]) -> dict[str, Any]:
    return {one: await given for one, given in found.items()}


@both
def test_res_043_a_snapshot_of_oneself_is_a_snapshot(awaited: bool) -> None:
    """What the runtime does not do: hand reads of one's own snapshot to one's live provider."""
    world = World({"me": DATA}, awaited)
    live = {"aggression": 0.1}
    # A god with a body: an event brain that has a character of its own.
    body = LOAD % ("me", "") + "    - log: '${candidate.personality.aggression} ${personality.aggression}'\n"
    body += "bindings:\n  participants: {self: '${agent.character_id}'}\n"
    assert world.run(body, providers={"personality": live}, scope={"agent": {"character_id": "me"}}) == ["0.75 0.1"]


def rounds(world: World, actor: Actor, count: int = 1) -> list[str]:
    """Ticks of an actor, a hundred milliseconds apart on the clock of the world; what it logged."""
    for _ in range(count):
        world.clock.advance(100_000)
        actor.tick(world.clock.now_ms())
    return [log.message for log in actor.take_records().logs if log.level == "info"]


@both
def test_res_034_a_watched_rival_is_up_to_date_in_every_tick(awaited: bool) -> None:
    """Vector R10 and both triggers of a new fetch."""
    world = World({"k-7": DATA}, awaited)
    text = (
        'version: "3.0"\nmetadata: {id: watcher, type: event_brain}\nflows:\n'
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: k-7, name: rival, sources: [personality]}\n"
        "  on_tick: [ {log: '${rival.personality.aggression} ${rival._error?.kind}'} ]\n"
        "  on_resource_changed: [ {log: 'changed ${event.urgency} ${event.data.sourceType}'} ]\n"
        "  on_resource_deleted: [ {log: 'deleted ${event.urgency}'} ]\n"
    )
    actor = Actor(abml.compile(text), resources=world.resources, actor_id="g/1")
    assert rounds(world, actor, 3)[-1] == "0.75 null"
    calls = world.collections
    rounds(world, actor, 20)
    assert world.collections == calls
    # An event.
    world.characters["k-7"] = {**DATA, "character-personality": {"aggression": 0.25}}
    world.resources.on_event("personality.evolved", {"id": "k-7"})
    told = rounds(world, actor, 3)
    assert told[0] == "changed 0.7 character-personality" and told[-1] == "0.25 null"
    # Age.
    world.characters["k-7"] = {**DATA, "character-personality": {"aggression": 0.5}}
    assert rounds(world, actor)[-1] == "0.25 null"
    world.clock.advance(3_600_000_000)
    assert rounds(world, actor, 3)[-1] == "0.5 null"
    # The end.
    world.characters.clear()
    world.resources.on_event(
        "resource.compressed", {"resourceType": "character", "resourceId": "k-7", "sourceDataDeleted": True}
    )
    assert "deleted 0.9" in rounds(world, actor, 2)
    assert len(world.resources.watches) == 0


@both
def test_res_034_what_is_watched_without_a_name_is_fetched_again_too(awaited: bool) -> None:
    """Nobody but the actor that watches has to see to it; what nobody watches is fetched when it is asked for."""
    world = World({"k-7": DATA, "k-8": DATA}, awaited)
    text = (
        'version: "3.0"\nmetadata: {id: watcher, type: event_brain}\nflows:\n'
        "  start:\n"
        "    - watch: {resource_type: character, resource_id: k-7}\n"
        "    - prefetch_snapshots: {resource_type: character, resource_ids: [k-7, k-8]}\n"
        "  on_tick: [ noop ]\n"
    )
    actor = Actor(abml.compile(text), resources=world.resources, actor_id="g/1")
    rounds(world, actor, 3)
    calls = world.collections
    world.resources.on_event("personality.evolved", {"id": "k-7"})
    world.resources.on_event("personality.evolved", {"id": "k-8"})
    rounds(world, actor, 20)
    assert world.collections == calls + 1
    world.clock.advance(3_600_000_000)
    rounds(world, actor, 3)
    assert world.collections == calls + 2
    actor.stop(world.clock.now_ms())
    world.clock.advance(3_600_000_000)
    assert run(world.resources.refresh()) == 0


@both
def test_res_058_a_loop_loads_all_its_elements_in_one_call(awaited: bool) -> None:
    ids = [f"k-{number}" for number in range(12)]
    told, asked = {}, {}
    for level in (0, 1):
        world = World({one: DATA for one in ids[:-1]}, awaited)
        backend = Bulk(world.api)
        world.resources = SnapshotResources(backend, world.clock, Reading(REGISTRY, warn=world.warnings.append))
        program = abml.compile(
            HEAD.replace("{name}", "watcher").replace("{templates}", "character-personality") + SCORE,
            optimize=level,
            templates=REGISTRY,
        )
        result = abml.run(program, scope={"ids": ids}, resources=world.resources, clock=world.clock)
        assert result.error is None
        told[level], asked[level] = [(log.level, log.message) for log in result.logs], backend.asked
    assert asked == {0: [[one] for one in ids], 1: [ids]}
    assert told[0] == told[1]
    assert told[1][0] == ("info", "k-0 0.75") and told[1][-1] == ("info", "k-11 not_found")
