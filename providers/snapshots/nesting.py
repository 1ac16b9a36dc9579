"""Between the two forms of an archive: flat entries, and archives that contain archives (runtime 6.1)."""

from __future__ import annotations

from typing import Any

from .codec import DEFAULT_LIMITS, DecodeFault, DecodeLimits, decode, encode
from .decoded import NESTED_KEY
from .models import (
    Archive,
    ArchiveFault,
    BundleKind,
    ResourceArchive,
    ResourceBundle,
    SnapshotEntry,
    bundle_id,
    milliseconds,
    walk,
)


def bundle_of(archive: ResourceArchive, kind: BundleKind = "archive", version: int = 1) -> ResourceBundle:
    """The flat form: an entry for each child, archives below those inside the data of their entry.

    Data of the archive itself is the entry `<resource type>-base`, unless a child is that.

    Raises:
        ArchiveFault: it contains itself, is nested too deep, or has data that is no JSON.
    """
    # Looks at all of it first, so that what follows meets no cycle.
    for _, part in walk(archive):
        if not isinstance(part.resource_type, str) or not part.resource_type:
            raise ArchiveFault("an archive has no resource type")
    children = list(archive.nested)
    entries: list[SnapshotEntry] = []
    base = f"{archive.resource_type}-base"
    if archive.data and all(child.resource_type != base for child in children):
        entries.append(_entry(base, archive, {}))
    for child in children:
        if any(entry.source_type == child.resource_type for entry in entries):
            raise ArchiveFault(f"'{child.resource_type}' stands there twice")
        inside = {NESTED_KEY: [_plain(below) for below in child.nested]} if child.nested else {}
        entries.append(_entry(child.resource_type, child, inside))
    created = milliseconds(archive.archived_at)
    made = bundle_id(kind, archive.resource_type, archive.resource_id, created, version)
    return ResourceBundle(
        kind, made, archive.resource_type, archive.resource_id, tuple(entries), archive.archived_at, version=version
    )


def archive_of(bundle: ResourceBundle, limits: DecodeLimits = DEFAULT_LIMITS) -> Archive:
    """The nested form of a bundle: each entry is a child.

    Raises:
        DecodeFault: an entry cannot be decoded.
    """
    children = []
    for entry in bundle.entries:
        data = decode(entry.data, entry.checksum, limits)
        inside = data.pop(NESTED_KEY, [])
        made = tuple(_archive(one, bundle, entry) for one in _listed(inside))
        children.append(
            Archive(entry.source_type, bundle.resource_id, entry.collected_at, data, made, entry.schema_version)
        )
    return Archive(bundle.resource_type, bundle.resource_id, bundle.created_at, {}, tuple(children))


def _entry(source_type: str, archive: ResourceArchive, inside: dict[str, Any]) -> SnapshotEntry:
    try:
        coded = encode({**archive.data, **inside})
    except (TypeError, ValueError, RecursionError) as error:
        raise ArchiveFault(f"the data of '{archive.resource_type}' is no JSON: {str(error)[:120]}") from None
    return SnapshotEntry(
        source_type, "archive", coded.data, archive.archived_at, coded.checksum, archive.schema_version
    )


def _plain(archive: ResourceArchive) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": archive.resource_type,
        "resourceId": archive.resource_id,
        "archivedAt": milliseconds(archive.archived_at),
        "schemaVersion": archive.schema_version,
        "data": dict(archive.data),
    }
    if archive.nested:
        made[NESTED_KEY] = [_plain(child) for child in archive.nested]
    return made


def _archive(value: Any, bundle: ResourceBundle, entry: SnapshotEntry) -> Archive:
    data = value.get("data", {}) if isinstance(value, dict) else None
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(data, dict) or not isinstance(kind, str):
        raise DecodeFault("shape", f"an archive in '{NESTED_KEY}' has no resourceType or no data object")
    inside = tuple(_archive(one, bundle, entry) for one in _listed(value.get(NESTED_KEY, [])))
    version = value.get("schemaVersion", 1)
    return Archive(
        kind,
        str(value.get("resourceId", bundle.resource_id)),
        entry.collected_at,
        data,
        inside,
        version if type(version) is int else 1,
    )


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise DecodeFault("shape", f"'{NESTED_KEY}' is not a list of archives")
    return value
