"""The end of a character: who refers to it, what goes with it, and the archive that is left.

Reference tracking counts what names a character. Compression collects every
source into one archive. Deletion takes the character and all that names it out
of the world in a fixed order, dependents before what they depend on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from abml.providers.snapshots.codec import encode
from abml.providers.snapshots.models import ResourceBundle, SnapshotEntry, bundle_id, moment

from .changes import drop_everything
from .model import Character
from .queries import bounds
from .records import SOURCES
from .world import Refused, RefWorld

CASCADE = ("quest_runs", "storylines", "encounters", "obligations", "relationships", "factions", "characters")
"""The order of deletion."""


@dataclass(frozen=True, slots=True)
class ArchiveRecord:
    """The archive of a character, and what lists of archives say about it.

    Attributes:
        bundle: all records, in the order of collection; its version is 1, and one more at every compression.
        archived: the moment.
    """

    bundle: ResourceBundle
    realm_id: str
    name: str
    archived: int

    def summary(self) -> dict[str, Any]:
        """What lists of archives say about one."""
        return {
            "archive_id": str(self.bundle.bundle_id),
            "resource_id": self.bundle.resource_id,
            "resource_type": self.bundle.resource_type,
            "realm_id": self.realm_id,
            "name": self.name,
            "version": self.bundle.version,
            "sources": [entry.source_type for entry in self.bundle.entries],
            "source_data_deleted": self.bundle.source_data_deleted,
        }


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


def compress(world: RefWorld, who: object, *, delete: bool = False) -> ArchiveRecord:
    """Archive somebody dead with everything that belongs to them.

    Args:
        delete: take them and all that names them out of the world afterwards.

    Raises:
        Refused: there is no such character, or it is alive.
    """
    character = world.character(who)
    if character.is_alive:
        raise Refused(f"{character.name} is alive; only the dead are archived", status_code=409)
    before = world.archives.get(character.id)
    version = 1 if before is None else before.bundle.version + 1
    archive = ArchiveRecord(
        _bundle(world, character, version, delete), world.realms[character.realm].id, character.name, world.now
    )
    world.archives[character.id] = archive
    if delete:
        delete_character(world, character)
    world.publish(
        "resource.compressed",
        resourceType="character",
        resourceId=character.id,
        version=version,
        realmId=archive.realm_id,
        name=archive.name,
    )
    return archive


def _bundle(world: RefWorld, character: Character, version: int, is_deleted: bool) -> ResourceBundle:
    now_ms = world.now * 1000
    entries = []
    for source in SOURCES:
        coded = encode(source.record(world, character))
        entries.append(
            SnapshotEntry(source.source_type, source.service_name, coded.data, moment(now_ms), coded.checksum)
        )
    return ResourceBundle(
        kind="archive",
        bundle_id=bundle_id("archive", "character", character.id, now_ms, version),
        resource_type="character",
        resource_id=character.id,
        entries=tuple(entries),
        created_at=moment(now_ms),
        version=version,
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
    found = [
        archive
        for archive in world.archives.values()
        if archive.bundle.resource_type == resource_type and realm_id in (None, archive.realm_id)
    ]
    found.sort(key=lambda archive: -archive.archived)
    return [archive.summary() for archive in found[:most]]
