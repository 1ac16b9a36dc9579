"""The store of archives: durable, every version of each resource (runtime 6.1)."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from abml.providers.snapshots.models import ResourceBundle, bundle_id, milliseconds

from .faults import StoreFault


class ArchiveInfo(NamedTuple):
    """What a list of archives tells of one; `version` is the latest."""

    resource_type: str
    resource_id: str
    version: int
    created_ms: int


class ArchiveStore(Protocol):
    """Archives by resource and version.

    Every method raises `StoreFault` when the store fails; then nothing has changed.
    """

    def put(self, bundle: ResourceBundle) -> ResourceBundle:
        """Store an archive as the next version of its resource.

        Returns:
            It with its version, counted from 1, and the id that belongs to that.

        Raises:
            StoreFault: `wrong_kind`: it is no archive.
        """
        ...

    def latest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """The current version, None when there is none."""
        ...

    def at(self, resource_type: str, resource_id: str, version: int) -> ResourceBundle | None:
        """One version, None when there is none."""
        ...

    def versions(self, resource_type: str, resource_id: str) -> list[int]:
        """The versions there are, ascending."""
        ...

    def query(self, resource_type: str, *, limit: int = 100, after: str | None = None) -> list[ArchiveInfo]:
        """Archived resources of a type by ascending id.

        Args:
            limit: how many at most.
            after: the id that the last list ended with.
        """
        ...


def as_version(bundle: ResourceBundle, version: int) -> ResourceBundle:
    """An archive as a version of its resource.

    Raises:
        StoreFault: `wrong_kind`: it is no archive.
    """
    if bundle.kind != "archive":
        raise StoreFault("wrong_kind", f"a {bundle.kind} is not stored as an archive")
    created = milliseconds(bundle.created_at)
    made = bundle_id("archive", bundle.resource_type, bundle.resource_id, created, version)
    return replace(bundle, bundle_id=made, version=version, expires_at=None)


class MemoryArchives:
    """An `ArchiveStore` that lives as long as its process."""

    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], list[ResourceBundle]] = {}
        self._ids: dict[str, list[str]] = {}

    def put(self, bundle: ResourceBundle) -> ResourceBundle:
        """See `ArchiveStore.put`."""
        resource = (bundle.resource_type, bundle.resource_id)
        stored = as_version(bundle, len(self._versions.get(resource, ())) + 1)
        if resource not in self._versions:
            insort(self._ids.setdefault(bundle.resource_type, []), bundle.resource_id)
        self._versions.setdefault(resource, []).append(stored)
        return stored

    def latest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """See `ArchiveStore.latest`."""
        found = self._versions.get((resource_type, resource_id))
        return found[-1] if found else None

    def at(self, resource_type: str, resource_id: str, version: int) -> ResourceBundle | None:
        """See `ArchiveStore.at`."""
        found: Sequence[ResourceBundle] = self._versions.get((resource_type, resource_id), ())
        return found[version - 1] if 1 <= version <= len(found) else None

    def versions(self, resource_type: str, resource_id: str) -> list[int]:
        """See `ArchiveStore.versions`."""
        return list(range(1, len(self._versions.get((resource_type, resource_id), ())) + 1))

    def query(self, resource_type: str, *, limit: int = 100, after: str | None = None) -> list[ArchiveInfo]:
        """See `ArchiveStore.query`."""
        ids = [one for one in self._ids.get(resource_type, ()) if after is None or one > after]
        latest = [self._versions[resource_type, one][-1] for one in ids[: max(0, limit)]]
        return [
            ArchiveInfo(one.resource_type, one.resource_id, one.version, milliseconds(one.created_at)) for one in latest
        ]
