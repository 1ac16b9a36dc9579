"""What a snapshot or archive consists of: entries, bundles, and the nested form of archives (runtime 6.1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable
from uuid import UUID, uuid5

from abml.errors import AbmlError

BundleKind = Literal["snapshot", "archive"]
FailureKind = Literal["unavailable", "timeout", "decode_error", "not_found"]

MAX_NESTING = 16
"""Levels of archives inside archives."""
MAX_NESTED = 10_000
"""Archives in one, over every level."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MS = 253_402_300_799_999
_IDS = UUID("6d0a0f7c-38b1-5d5e-9c1f-0f5a54c2d6b7")


class ArchiveFault(AbmlError, ValueError):
    """An archive or bundle that cannot be: it contains itself, is nested too deep, or has the wrong shape."""


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """What one source knew of a resource.

    Attributes:
        source_type: template type of the data, such as `character-personality`.
        service_name: who collected it.
        data: base64 of gzip of a JSON object in UTF-8.
        checksum: `sha256:` and the hash of the JSON in hexadecimal; None: not checked.
        schema_version: of the data; older data is migrated when it is read.
    """

    source_type: str
    service_name: str
    data: str
    collected_at: datetime
    checksum: str | None = None
    schema_version: int = 1


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A source that was asked and gave nothing because it failed.

    Attributes:
        before: how many entries of the bundle come before it in the order of collection.
    """

    source_type: str
    kind: FailureKind
    message: str
    before: int = 0


@dataclass(frozen=True, slots=True)
class ResourceBundle:
    """Everything that was collected of one resource at one time; never a filtered part.

    Attributes:
        entries: in the order of collection, each source type once.
        expires_at: of snapshots; None for archives.
        version: of archives, counted from 1.
        snapshot_type: a label such as `event_actor`; None for none.
        source_data_deleted: the archive replaced the data it was made of.
        failures: sources that failed when the rest was collected.
    """

    kind: BundleKind
    bundle_id: UUID
    resource_type: str
    resource_id: str
    entries: tuple[SnapshotEntry, ...]
    created_at: datetime
    expires_at: datetime | None = None
    version: int = 1
    snapshot_type: str | None = None
    source_data_deleted: bool = False
    failures: tuple[SourceFailure, ...] = ()


@runtime_checkable
class ResourceArchive(Protocol):
    """The decoded form: an archive has data and contains others."""

    @property
    def resource_type(self) -> str: ...
    @property
    def resource_id(self) -> str: ...
    @property
    def archived_at(self) -> datetime: ...
    @property
    def schema_version(self) -> int: ...
    @property
    def data(self) -> Mapping[str, Any]: ...
    @property
    def nested(self) -> Sequence[ResourceArchive]: ...


@dataclass(frozen=True, slots=True)
class Archive:
    """A `ResourceArchive` in memory; of a child the resource type is its template type."""

    resource_type: str
    resource_id: str
    archived_at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)
    nested: tuple[Archive, ...] = ()
    schema_version: int = 1


def moment(ms: int | float) -> datetime:
    """The UTC time of a clock's milliseconds; readings beyond the calendar are its ends."""
    return _EPOCH + timedelta(milliseconds=min(max(int(ms), 0), _LAST_MS))


def milliseconds(when: datetime) -> int:
    """Milliseconds since the Unix epoch; a time without zone counts as UTC."""
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return (when - _EPOCH) // timedelta(milliseconds=1)


def bundle_id(kind: str, resource_type: str, resource_id: str, created_ms: int, number: int) -> UUID:
    """The id of a bundle: equal for equal histories, so that runs can be repeated.

    Args:
        number: tells bundles of one millisecond apart; an archive's version.
    """
    name = f"{kind}/{resource_type}/{resource_id}/{created_ms}/{number}"
    # Half of a surrogate pair is no id that anybody stores, but it is no reason to fail here.
    return uuid5(_IDS, name.encode("utf-8", "backslashreplace").decode())


def walk(archive: ResourceArchive) -> Iterator[tuple[int, ResourceArchive]]:
    """(depth, archive) of an archive and all it contains, parents first.

    Raises:
        ArchiveFault: it contains itself, or is nested too deep or too wide.
    """
    count = 0
    # Each pending archive knows the archives around it; only meeting one of those is a cycle.
    pending: list[tuple[ResourceArchive, tuple[int, ...]]] = [(archive, ())]
    while pending:
        here, around = pending.pop()
        if id(here) in around:
            raise ArchiveFault(f"the archive '{here.resource_type}' contains itself")
        if len(around) > MAX_NESTING:
            raise ArchiveFault(f"archives are nested more than {MAX_NESTING} levels deep")
        count += 1
        if count > MAX_NESTED:
            raise ArchiveFault(f"an archive contains more than {MAX_NESTED} others")
        yield len(around), here
        pending += [(child, (*around, id(here))) for child in reversed(here.nested)]


def is_id(value: object) -> bool:
    """Whether a value can be the id of a resource: text that is not blank."""
    return isinstance(value, str) and bool(value.strip())
