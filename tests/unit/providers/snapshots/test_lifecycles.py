"""References between resources, deletions in order, archives with all that depends on a resource."""

from __future__ import annotations

from typing import Any

import pytest

from abml.providers.snapshots.api import LocalBackend, SnapshotApi
from abml.providers.snapshots.collectors import CollectFault, Collectors
from abml.providers.snapshots.lifecycles import (
    DeletionFailed,
    Relation,
    Resource,
    ResourceRegistry,
    Step,
    StillReferred,
)
from abml.providers.snapshots.models import ArchiveFault
from abml.providers.snapshots.service import SnapshotResources
from abml.providers.stores.archives import MemoryArchives
from abml.providers.stores.snapshots import MemorySnapshots
from abml.vm.clock import VirtualClock
from abml.vm.protocols import SnapshotRequest
from tests.unit.providers.snapshots.snapshot_support import run
from tests.unit.providers.snapshots.test_collectors import soon

ORLA, ISK = Resource("character", "orla"), Resource("character", "isk")
CAT, KITTEN = Resource("pet", "cat"), Resource("pet", "kitten")
HOUSE, LEASE, NOTE = Resource("house", "h"), Resource("lease", "l"), Resource("note", "n")


class Table:
    """A source and a table of one type of resources."""

    def __init__(self, source_type: str, awaited: bool) -> None:
        self.source_type = source_type
        self.rows: dict[str, Any] = {}
        self.awaited = awaited

    def collect(self, resource_type: str, resource_id: str) -> Any:
        found = self.rows.get(resource_id)
        if isinstance(found, Exception):
            raise found
        return soon(found)() if self.awaited else found


class World:
    def __init__(self, awaited: bool = False) -> None:
        self.awaited = awaited
        self.clock = VirtualClock()
        self.events: list[tuple[str, Any]] = []
        self.done: list[Step] = []
        self.failing: Resource | None = None
        collectors = Collectors()
        self.tables = {kind: Table(f"{kind}-base", awaited) for kind in ("character", "pet", "house", "lease", "note")}
        for kind, table in self.tables.items():
            collectors.register(table, kind)
        self.api = SnapshotApi(
            collectors,
            MemorySnapshots(self.clock),
            MemoryArchives(),
            self.clock,
            publish=lambda topic, payload: self.events.append((topic, payload)),
        )
        self.registry = ResourceRegistry(self.api)
        self.registry.relate(Relation("pet", "character", "cascade", 20))
        self.registry.relate(Relation("pet", "pet", "cascade"))
        self.registry.relate(Relation("house", "character", "cascade", 10))
        self.registry.relate(Relation("note", "character", "detach"))
        self.registry.relate(Relation("lease", "house", "restrict"))
        for kind in self.tables:
            self.registry.on_deletion(kind, self.deletes)
        for one in (ORLA, ISK, CAT, KITTEN, HOUSE, LEASE, NOTE):
            self.tables[one.type].rows[one.id] = {"name": one.id}
        for source, target in ((CAT, ORLA), (KITTEN, CAT), (HOUSE, ORLA), (NOTE, ORLA), (NOTE, ISK)):
            self.registry.refer(source, target)

    def deletes(self, step: Step) -> Any:
        if step.resource == self.failing:
            raise OSError("locked")
        self.done.append(step)
        if step.detached_from is None:
            self.tables[step.resource.type].rows.pop(step.resource.id)
        return soon(None)() if self.awaited else None


def test_res_009_references_are_counted() -> None:
    registry = World().registry
    assert (registry.count(ORLA), registry.count(CAT), registry.count(KITTEN)) == (3, 1, 0)
    assert registry.references(ORLA) == (HOUSE, CAT, NOTE)
    assert registry.refer(ISK, ORLA) == 4 == registry.refer(ISK, ORLA)
    assert registry.unrefer(ISK, ORLA) == 3 == registry.unrefer(ISK, ORLA)
    assert registry.unrefer(LEASE, LEASE) == 0


@pytest.mark.parametrize("awaited", [False, True])
def test_res_009_deletion_cascades_in_order(awaited: bool) -> None:
    world = World(awaited)
    expected = (Step(HOUSE), Step(KITTEN), Step(CAT), Step(NOTE, ORLA), Step(ORLA))
    assert world.registry.plan(ORLA) == expected
    assert world.done == []
    assert run(world.registry.delete(ORLA)) == expected
    assert tuple(world.done) == expected
    assert world.registry.count(ORLA) == 0 and world.registry.count(CAT) == 0
    # The note lost one reference and keeps the other.
    assert world.registry.references(ISK) == (NOTE,)
    assert set(world.tables["character"].rows) == {"isk"} and world.tables["pet"].rows == {}


def test_what_has_to_stay_keeps_everything() -> None:
    world = World()
    world.registry.refer(LEASE, HOUSE)
    with pytest.raises(StillReferred, match=r"house 'h' is still referred to by lease 'l'") as caught:
        world.registry.delete(ORLA)
    assert (caught.value.resource, caught.value.by) == (HOUSE, (LEASE,))
    assert world.done == [] and world.registry.count(ORLA) == 3
    with pytest.raises(StillReferred):
        run(world.registry.compress(ORLA, delete=True))
    assert world.api.archives.versions("character", "orla") == []
    world.registry.unrefer(LEASE, HOUSE)
    # Types that nobody relates are restricted.
    world.registry.refer(LEASE, ORLA)
    for n in range(9):
        world.registry.refer(Resource("lease", str(n)), ORLA)
    with pytest.raises(StillReferred, match=r", …$"):
        world.registry.delete(ORLA)


def test_a_restriction_by_what_goes_as_well_is_none() -> None:
    world = World()
    world.registry.relate(Relation("pet", "house", "restrict"))
    world.registry.refer(CAT, HOUSE)
    assert Step(ORLA) in world.registry.plan(ORLA)


def test_references_in_a_circle_end() -> None:
    world = World()
    world.registry.refer(CAT, KITTEN)
    assert world.registry.plan(ORLA) == (Step(HOUSE), Step(KITTEN), Step(CAT), Step(NOTE, ORLA), Step(ORLA))
    assert len(run(world.registry.delete(CAT))) == 2


def test_long_chains_are_no_trouble() -> None:
    world = World()
    for n in range(5_000):
        world.registry.refer(Resource("pet", str(n + 1)), Resource("pet", str(n)))
    plan = world.registry.plan(Resource("pet", "0"))
    assert [step.resource.id for step in plan[:2]] == ["5000", "4999"] and len(plan) == 5_001


def test_a_handler_that_fails_ends_a_deletion_where_it_is() -> None:
    world = World()
    world.failing = CAT
    with pytest.raises(DeletionFailed, match="pet 'cat' could not be deleted: OSError: locked") as caught:
        world.registry.delete(ORLA)
    assert caught.value.done == (Step(HOUSE), Step(KITTEN)) and caught.value.at == CAT
    assert world.registry.references(ORLA) == (CAT, NOTE)
    world.failing = None
    assert world.registry.delete(ORLA) == (Step(CAT), Step(NOTE, ORLA), Step(ORLA))


@pytest.mark.parametrize("awaited", [False, True])
def test_res_009_an_archive_has_all_that_depends_on_a_resource(awaited: bool) -> None:
    world = World(awaited)
    bundle = run(world.registry.compress(ORLA, delete=True))
    assert [entry.source_type for entry in bundle.entries] == ["character-base", "house", "pet"]
    assert (bundle.version, bundle.source_data_deleted) == (1, True)
    assert set(world.tables["character"].rows) == {"isk"}
    assert [topic for topic, _ in world.events] == ["resource.compressed"]
    resources = SnapshotResources(LocalBackend(world.api), world.clock)
    view = run(resources.fetch(SnapshotRequest("character", "orla", kind="auto")))
    for path, value in [
        ("base.name", "orla"),
        ("house.items.0.house-base.name", "h"),
        ("pet.items.0.id", "cat"),
        ("pet.items.0.pet.items.0.pet-base.name", "kitten"),
        ("_kind", "archive"),
    ]:
        assert view.get(tuple(path.split("."))) == value


def test_res_009_a_failing_source_archives_and_deletes_nothing() -> None:
    world = World()
    world.tables["pet"].rows["kitten"] = OSError("down")
    with pytest.raises(CollectFault):
        world.registry.compress(ORLA, delete=True)
    assert world.api.archives.versions("character", "orla") == [] and world.done == []
    world.tables["pet"].rows["kitten"] = {}
    assert run(world.registry.compress(ORLA)).version == 1
    assert run(world.registry.compress(ORLA)).version == 2 and world.done == []


def test_more_than_an_archive_can_hold_is_refused() -> None:
    world = World()
    for n in range(20):
        world.tables["pet"].rows[str(n)] = {}
        world.registry.refer(Resource("pet", str(n)), Resource("pet", str(n - 1)) if n else ORLA)
    with pytest.raises(ArchiveFault, match="more depends on pet '15' than an archive can hold"):
        world.registry.compress(ORLA, delete=True)
    large = World()
    for name in ("cat", "kitten"):
        large.tables["pet"].rows[name] = {"text": "x" * 5_000_000}
    with pytest.raises(ArchiveFault, match="the dependents of type 'pet'"):
        large.registry.compress(ORLA, delete=True)
    assert large.done == [] and large.api.archives.versions("character", "orla") == []


def test_rules_are_given_once() -> None:
    registry = World().registry
    registry.relate(Relation("note", "character", "detach"))
    with pytest.raises(ValueError, match="are related already"):
        registry.relate(Relation("note", "character", "cascade"))
    with pytest.raises(ValueError, match="has a handler"):
        registry.on_deletion("pet", lambda step: None)
