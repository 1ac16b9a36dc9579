"""Bundles as plain data: what stores write and services send."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from uuid import UUID

from .models import (
    ArchiveFault,
    BundleKind,
    FailureKind,
    ResourceBundle,
    SnapshotEntry,
    SourceFailure,
    bundle_id,
    milliseconds,
    moment,
)


def bundle_to_data(bundle: ResourceBundle) -> dict[str, Any]:
    """A bundle as JSON values; times are ISO texts in UTC. What has its default is left out."""
    made: dict[str, Any] = {
        "kind": bundle.kind,
        "bundleId": str(bundle.bundle_id),
        "resourceType": bundle.resource_type,
        "resourceId": bundle.resource_id,
        "createdAt": time_text(bundle.created_at),
        "entries": [_entry_to_data(entry) for entry in bundle.entries],
    }
    if bundle.expires_at is not None:
        made["expiresAt"] = time_text(bundle.expires_at)
    if bundle.version != 1:
        made["version"] = bundle.version
    if bundle.snapshot_type is not None:
        made["snapshotType"] = bundle.snapshot_type
    if bundle.source_data_deleted:
        made["sourceDataDeleted"] = True
    if bundle.failures:
        made["failures"] = [
            {"sourceType": one.source_type, "kind": one.kind, "message": one.message, "before": one.before}
            for one in bundle.failures
        ]
    return made


def bundle_from_data(data: Mapping[str, Any]) -> ResourceBundle:
    """A bundle from plain data. The id may also be called `snapshotId` or `archiveId`; it may be absent.

    Raises:
        ArchiveFault: the data has the wrong shape; the message says where.
    """
    kind = data.get("kind", "archive" if "archiveId" in data else "snapshot")
    if kind not in get_args(BundleKind):
        raise ArchiveFault(f"kind: {kind!r} is neither snapshot nor archive")
    resource_type, resource_id = _text(data, "resourceType"), _text(data, "resourceId")
    created = _time(data, "createdAt", moment(0))
    version = _whole(data, "version", 1)
    expires = data.get("expiresAt")
    label = data.get("snapshotType")
    return ResourceBundle(
        kind,
        _id(data) or bundle_id(kind, resource_type, resource_id, milliseconds(created), version),
        resource_type,
        resource_id,
        tuple(_entry(item, f"entries[{at}]") for at, item in enumerate(_list(data, "entries"))),
        created,
        expires_at=None if expires is None else _time(data, "expiresAt", created),
        version=version,
        snapshot_type=None if label is None else str(label),
        source_data_deleted=data.get("sourceDataDeleted") is True,
        failures=tuple(_failure(item) for item in _list(data, "failures")),
    )


def time_text(when: datetime) -> str:
    """A time as an ISO text in UTC with milliseconds, so that equal times have equal texts."""
    return moment(milliseconds(when)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _entry_to_data(entry: SnapshotEntry) -> dict[str, Any]:
    made: dict[str, Any] = {
        "sourceType": entry.source_type,
        "serviceName": entry.service_name,
        "data": entry.data,
        "collectedAt": time_text(entry.collected_at),
    }
    if entry.checksum is not None:
        made["checksum"] = entry.checksum
    if entry.schema_version != 1:
        made["schemaVersion"] = entry.schema_version
    return made


def _entry(item: Any, where: str) -> SnapshotEntry:
    if not isinstance(item, Mapping):
        raise ArchiveFault(f"{where} is no object")
    data = item.get("data")
    checksum = item.get("checksum")
    return SnapshotEntry(
        _text(item, "sourceType", where),
        str(item.get("serviceName", "")),
        # Data that is no text is the fault of this entry alone, found when it is decoded.
        data if isinstance(data, str) else "",
        _time(item, "collectedAt", moment(0), where),
        checksum if isinstance(checksum, str) else None,
        _whole(item, "schemaVersion", 1, where),
    )


def _failure(item: Any) -> SourceFailure:
    if not isinstance(item, Mapping):
        raise ArchiveFault("failures: one is no object")
    kind: Any = item.get("kind")
    if kind not in get_args(FailureKind):
        kind = "unavailable"
    before = item.get("before", 0)
    return SourceFailure(
        _text(item, "sourceType", "failures"),
        kind,
        str(item.get("message", "")),
        before if type(before) is int and before >= 0 else 0,
    )


def _id(data: Mapping[str, Any]) -> UUID | None:
    for name in ("bundleId", "snapshotId", "archiveId"):
        given = data.get(name)
        if given is not None:
            try:
                return given if isinstance(given, UUID) else UUID(str(given))
            except ValueError:
                raise ArchiveFault(f"{name}: {given!r} is no UUID") from None
    return None


def _text(data: Mapping[str, Any], name: str, where: str = "") -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value:
        raise ArchiveFault(f"{where}{'.' if where else ''}{name}: expected a text, found {value!r}")
    return value


def _whole(data: Mapping[str, Any], name: str, default: int, where: str = "") -> int:
    value = data.get(name, default)
    if type(value) is not int or value < 1:
        raise ArchiveFault(f"{where}{'.' if where else ''}{name}: expected a whole number from 1, found {value!r}")
    return value


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name, [])
    if not isinstance(value, list | tuple):
        raise ArchiveFault(f"{name}: expected a list, found {type(value).__name__}")
    return list(value)


def _time(data: Mapping[str, Any], name: str, default: datetime, where: str = "") -> datetime:
    value = data.get(name)
    if value is None:
        return default
    if isinstance(value, datetime):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return moment(value if abs(value) < 1e18 else 0)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        raise ArchiveFault(f"{where}{'.' if where else ''}{name}: {value!r} is no time") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
