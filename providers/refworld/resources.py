"""The end of a character: who refers to it, what goes with it, and the archive that is left.

Reference tracking counts what names a character. Compression collects every
source into one archive. Deletion takes the character and all that names it out
of the world in a fixed order, dependents before what they depend on.
"""

from __future__ import annotations

from typing import Any

from abml.providers.snapshots.codec import decode, encode
from abml.providers.snapshots.models import ResourceBundle, SnapshotEntry, bundle_id, moment

from .changes import drop_everything
from .model import Character
from .queries import bounds
from .records import SOURCES
from .world import Refused, RefWorld

CASCADE = ("quest_runs", "storylines", "encounters", "obligations", "relationships", "factions", "characters")
"""The order of deletion."""
MAX_ARCHIVES = 10_000
"""Of one question; the rest is found through the store itself."""


def references(world: RefWorld, who: object) -> dict[str, int]:
    """How many entries of each table name a character, only those that do, in the order of deletion.

    Raises:
        Refused: there is no such character.
    """
    key = world.character(who).key
    counts = {table: len(_naming(world, table, key)) for table in CASCADE[:-1]}
    return {table: count for table, count in counts.items() if count}


def _naming(world: RefWorld, table: str, key: str) -> list[Any]:
    if table == "quest_runs":
        return [one for one in world.quest_runs.values() if key in (one.of, one.giver)]
    if table == "storylines":
        return world.storylines_of(key, None)
    if table == "encounters":
        return world.encounters_of(key)
    if table == "factions":
        return world.factions_of(key)
    return [one for one in world.table(table).values() if key in (one.of, one.to)]


def compress(world: RefWorld, who: object, *, delete: bool = False) -> ResourceBundle:
    """Archive somebody dead with everything that belongs to them, as the next version.

    Args:
        delete: take them and all that names them out of the world afterwards.

    Raises:
        Refused: there is no such character, or it is alive.
    """
    character = world.character(who)
    if character.is_alive:
        raise Refused(f"{character.name} is alive; only the dead are archived", status_code=409)
    realm_id = world.realms[character.realm].id
    bundle: ResourceBundle = world.archives.put(_bundle(world, character, delete))
    if delete:
        delete_character(world, character)
    world.publish(
        "resource.compressed",
        resourceType="character",
        resourceId=character.id,
        version=bundle.version,
        realmId=realm_id,
        name=character.name,
    )
    return bundle


def _bundle(world: RefWorld, character: Character, is_deleted: bool) -> ResourceBundle:
    now_ms = world.now * 1000
    entries = []
    for source in SOURCES:
        coded = encode(source.record(world, character))
        entries.append(
            SnapshotEntry(source.source_type, source.service_name, coded.data, moment(now_ms), coded.checksum)
        )
    return ResourceBundle(
        kind="archive",
        bundle_id=bundle_id("archive", "character", character.id, now_ms, 1),
        resource_type="character",
        resource_id=character.id,
        entries=tuple(entries),
        created_at=moment(now_ms),
        source_data_deleted=is_deleted,
    )


def delete_character(world: RefWorld, character: Character) -> list[tuple[str, str]]:
    """Take a character out of the world with all that names it; what it had stays at its place.

    Returns:
        (table, key) of everything that was removed or changed, in order.
    """
    key, realm = character.key, world.realms[character.realm]
    drop_everything(world, character)
    gone: list[tuple[str, str]] = []
    for table in CASCADE[:-1]:
        for one in _naming(world, table, key):
            gone.append((table, one.key))
            if table == "factions":
                del one.members[key]
            elif table == "quest_runs" and one.of != key:
                one.giver = None
            elif table == "encounters" and len(one.participants) > 2:
                one.participants.remove(key)
                world.forget_index(table)
            else:
                world.remove(table, one.key)
    gone.append(("characters", key))
    world.remove("characters", key)
    world.publish("character.deleted", characterId=character.id, realmId=realm.id, name=character.name)
    return gone


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
        "sources": [one.source_type for one in bundle.entries],
        "source_data_deleted": bundle.source_data_deleted,
    }
