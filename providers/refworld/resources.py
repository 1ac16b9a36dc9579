"""The end of a character: who refers to it, what goes with it, and the archive that is left.

The order and the rules of deletion are those of `abml.providers.snapshots.lifecycles`;
here stands what names a character, and what happens to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from abml.providers.snapshots.api import SnapshotApi
from abml.providers.snapshots.codec import decode
from abml.providers.snapshots.lifecycles import Policy, Relation, Resource, ResourceRegistry, Step
from abml.providers.snapshots.models import ArchiveFault, ResourceBundle
from abml.providers.stores.snapshots import MemorySnapshots

from .changes import drop_everything
from .model import KINDS, Character
from .queries import bounds
from .records import BY_TYPE
from .sources import WorldClock, collectors_of, sources_of
from .world import Refused, RefWorld

MAX_ARCHIVES = 10_000
"""Of one question; the rest is found through the store itself."""


class Way(NamedTuple):
    """One way in which entries of a table name a character.

    Attributes:
        policy: `cascade`: they go with it; `detach`: they go on without it.
        entries: gives those that name a character, by its key.
    """

    table: str
    policy: Policy
    entries: Callable[[RefWorld, str], Iterable[Any]]


def _given(world: RefWorld, key: str) -> Iterable[Any]:
    return (one for one in world.quest_runs.values() if one.giver == key != one.of)


def _meetings(world: RefWorld, key: str) -> Iterable[Any]:
    return (one for one in world.encounters_of(key) if len(one.participants) <= 2)


def _gatherings(world: RefWorld, key: str) -> Iterable[Any]:
    return (one for one in world.encounters_of(key) if len(one.participants) > 2)


def _between(table: str, world: RefWorld, key: str) -> Iterable[Any]:
    return (one for one in world.table(table).values() if key in (one.of, one.to))


WAYS: dict[str, Way] = {
    "quest-record": Way("quest_runs", "cascade", lambda world, key: world.quests_of(key, None)),
    "given-quest": Way("quest_runs", "detach", _given),
    "storyline-record": Way("storylines", "cascade", lambda world, key: world.storylines_of(key, None)),
    "encounter-record": Way("encounters", "cascade", _meetings),
    "gathering": Way("encounters", "detach", _gatherings),
    "obligation-record": Way("obligations", "cascade", partial(_between, "obligations")),
    "relationship-record": Way("relationships", "cascade", partial(_between, "relationships")),
    "membership": Way("factions", "detach", lambda world, key: world.factions_of(key)),
}
"""Type of resource -> how such ones name a character. Those that go are deleted in this order, then the others.

The types are none of those of sources, because both are names in an archive.
"""


class EntrySource:
    """The one source of what names a character: the entry as the file of the world would have it."""

    source_type = "entry"

    def __init__(self, world: RefWorld) -> None:
        self.world = world

    def collect(self, resource_type: str, resource_id: str) -> Mapping[str, Any]:
        """An entry by its key; `resource_type` is one of `WAYS`."""
        table = WAYS[resource_type].table
        written: dict[str, Any] = KINDS[table].write(self.world.table(table)[resource_id], self.world.calendar)
        return written


def registry_of(world: RefWorld, who: object) -> ResourceRegistry:
    """Everything that names a character now, ready to be counted or deleted with it.

    Raises:
        Refused: there is no such character.
    """
    character = world.character(who)
    target = resource_of(character)
    clock = WorldClock(world)
    collectors = collectors_of(sources_of(world).values())
    registry = ResourceRegistry(SnapshotApi(collectors, MemorySnapshots(clock), world.archives, clock))
    entries = EntrySource(world)
    registry.on_deletion(target.type, lambda step: _delete(world, character))
    for priority, (name, way) in enumerate(WAYS.items()):
        registry.relate(Relation(name, target.type, way.policy, priority))
        registry.on_deletion(name, partial(_end, world, character.key))
        collectors.register(entries, name)
        for entry in way.entries(world, character.key):
            registry.refer(Resource(name, entry.key), target)
    return registry


def resource_of(character: Character) -> Resource:
    """A character for its registry, its archives and its snapshots."""
    return Resource("character", character.id)


def references(world: RefWorld, who: object) -> dict[str, int]:
    """How many entries of each table name a character, only those that do, in the order of `WAYS`.

    Raises:
        Refused: there is no such character.
    """
    counts: dict[str, int] = {}
    for one in registry_of(world, who).references(resource_of(world.character(who))):
        table = WAYS[one.type].table
        counts[table] = counts.get(table, 0) + 1
    return counts


def compress(world: RefWorld, who: object, *, delete: bool = False) -> ResourceBundle:
    """Archive somebody dead with everything that belongs to them, as the next version.

    The archive has what the sources tell, which list some of each kind, and whole every entry
    that is deleted with them.

    Args:
        delete: take them and all that names them out of the world afterwards.

    Raises:
        Refused: there is no such character, it is alive, or more belongs to it than an archive can hold.
    """
    character = world.character(who)
    if character.is_alive:
        raise Refused(f"{character.name} is alive; only the dead are archived", status_code=409)
    realm_id = world.realms[character.realm].id
    try:
        bundle = registry_of(world, character.key).compress(resource_of(character), delete=delete)
    except ArchiveFault as fault:
        raise Refused(str(fault), status_code=409) from None
    # No source of a world is awaited.
    assert isinstance(bundle, ResourceBundle)
    world.publish(
        "resource.compressed",
        resourceType="character",
        resourceId=character.id,
        version=bundle.version,
        realmId=realm_id,
        name=character.name,
    )
    return bundle


def delete_character(world: RefWorld, character: Character) -> list[tuple[str, str]]:
    """Take a character out of the world with all that names it; what it had stays at its place.

    Returns:
        (table, key) of everything that was removed or changed, in order.
    """
    steps = registry_of(world, character.key).delete(resource_of(character))
    assert isinstance(steps, tuple)
    named = [(WAYS[step.resource.type].table, step.resource.id) for step in steps[:-1]]
    return [*named, ("characters", character.key)]


def _end(world: RefWorld, key: str, step: Step) -> None:
    """What names a character goes with it, or goes on without it."""
    table, found = WAYS[step.resource.type].table, step.resource.id
    if step.detached_from is None:
        world.remove(table, found)
    elif table == "factions":
        del world.factions[found].members[key]
    elif table == "quest_runs":
        world.quest_runs[found].giver = None
    else:
        world.encounters[found].participants.remove(key)
        world.forget_index(table)


def _delete(world: RefWorld, character: Character) -> None:
    realm = world.realms[character.realm]
    drop_everything(world, character)
    world.remove("characters", character.key)
    world.publish("character.deleted", characterId=character.id, realmId=realm.id, name=character.name)


def query_archives(
    world: RefWorld, resource_type: object = "character", realm: object = None, limit: object = None
) -> list[dict[str, Any]]:
    """Summaries of archives, the latest first.

    Raises:
        Refused: there is no such realm.
    """
    most, _ = bounds(limit, 0)
    realm_id = None if realm is None else world.realm(realm).id
    if not isinstance(resource_type, str):
        raise Refused("resourceType is a text", status_code=400)
    infos = world.archives.query(resource_type, limit=MAX_ARCHIVES)
    found = []
    for info in sorted(infos, key=lambda one: (-one.created_ms, one.resource_id)):
        bundle = world.archives.latest(resource_type, info.resource_id)
        if bundle is None:
            continue
        about = summary(bundle)
        if realm_id is None or about["realm_id"] == realm_id:
            found.append(about)
    return found[:most]


def summary(bundle: ResourceBundle) -> dict[str, Any]:
    """What lists of archives say about one."""
    entry = next((one for one in bundle.entries if one.source_type == "character-base"), None)
    base = {} if entry is None else decode(entry.data, entry.checksum)
    return {
        "archive_id": str(bundle.bundle_id),
        "resource_id": bundle.resource_id,
        "resource_type": bundle.resource_type,
        "realm_id": base.get("realm_id"),
        "name": base.get("name"),
        "version": bundle.version,
        "sources": [one.source_type for one in bundle.entries if one.source_type in BY_TYPE],
        "source_data_deleted": bundle.source_data_deleted,
    }
