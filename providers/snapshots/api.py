"""The snapshot service over sources and stores: snapshots, archives, and the backend of the machine (runtime 6.1)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from abml.providers.stores.archives import ArchiveStore
from abml.providers.stores.snapshots import SnapshotStore
from abml.vm.protocols import Clock

from .collectors import Collected, Collectors, Policy, collect
from .models import BundleKind, ResourceBundle, SnapshotEntry, SourceFailure, bundle_id, milliseconds, moment
from .naming import NO_TEMPLATES, Templates, folded, names_of
from .settings import SnapshotSettings
from .timing import LoopTimer, Timer, drive
from .wire import time_text

SNAPSHOT_CREATED = "resource.snapshot.created"
COMPRESSED = "resource.compressed"

Publish = Callable[[str, Mapping[str, Any]], None]
"""Takes topic and payload of an event."""

_DEFAULTS = SnapshotSettings()


class SnapshotAnswer(NamedTuple):
    """A stored snapshot with the entries that were asked for."""

    snapshot_id: UUID
    resource_type: str
    resource_id: str
    entries: tuple[SnapshotEntry, ...]
    failures: tuple[SourceFailure, ...]
    created_at: datetime
    expires_at: datetime | None


class SnapshotApi:
    """Makes, stores and answers snapshots and archives. Not safe for two threads at once.

    Args:
        templates: names in filters may be namespaces and aliases of these.
        publish: told of snapshots and archives that were made.
        timer: measures the time limits of sources; default: real time.
    """

    def __init__(
        self,
        collectors: Collectors,
        snapshots: SnapshotStore,
        archives: ArchiveStore,
        clock: Clock,
        settings: SnapshotSettings = _DEFAULTS,
        *,
        templates: Templates = NO_TEMPLATES,
        publish: Publish | None = None,
        timer: Timer | None = None,
    ) -> None:
        self.collectors = collectors
        self.snapshots = snapshots
        self.archives = archives
        self._clock = clock
        self._settings = settings
        self._templates = templates
        self._publish = publish
        self._timer: Timer = LoopTimer() if timer is None else timer
        self._made = 0

    def execute(
        self,
        resource_type: str,
        resource_id: str,
        filter_source_types: Collection[str] | None = None,
        ttl_seconds: float | None = None,
        *,
        snapshot_type: str | None = None,
        policy: Policy = "BEST_EFFORT",
    ) -> SnapshotAnswer | Awaitable[SnapshotAnswer]:
        """A snapshot of a resource: the newest stored one, else one that all its sources make now.

        What is stored is complete; the filter selects entries of the answer. Types that nobody
        has select nothing.

        Args:
            filter_source_types: template types, namespaces or aliases; None or empty: all entries.
            ttl_seconds: how long a new snapshot is stored.

        Raises:
            CollectFault: nothing could be collected; `not_found` when there is no such resource.
            StoreFault: the store fails.
        """
        stored = self.snapshots.newest(resource_type, resource_id)
        if stored is not None:
            return self._answer(stored, filter_source_types)
        return drive(self._execute(resource_type, resource_id, filter_source_types, ttl_seconds, snapshot_type, policy))

    def _execute(
        self,
        resource_type: str,
        resource_id: str,
        filter_source_types: Collection[str] | None,
        ttl_seconds: float | None,
        snapshot_type: str | None,
        policy: Policy,
    ) -> Generator[Any, Any, SnapshotAnswer]:
        bundle = yield self.collect(resource_type, resource_id, "snapshot", policy=policy, snapshot_type=snapshot_type)
        stored = self.store(bundle, ttl_seconds)
        return self._answer(stored, filter_source_types)

    def get(self, snapshot_id: UUID, filter_source_types: Collection[str] | None = None) -> SnapshotAnswer | None:
        """A stored snapshot by its id; None when there is none any more.

        Raises:
            StoreFault: the store fails.
        """
        stored = self.snapshots.get(snapshot_id)
        return None if stored is None else self._answer(stored, filter_source_types)

    def store(self, bundle: ResourceBundle, ttl_seconds: float | None = None) -> ResourceBundle:
        """Store a snapshot that was collected, and tell of it."""
        stored = self.snapshots.put(bundle, ttl_seconds)
        self._tell(SNAPSHOT_CREATED, stored, snapshotId=str(stored.bundle_id))
        return stored

    def compress(
        self, resource_type: str, resource_id: str, *, source_data_deleted: bool = False, policy: Policy | None = None
    ) -> ResourceBundle | Awaitable[ResourceBundle]:
        """Make an archive of a resource and store it as its next version.

        Args:
            source_data_deleted: the data it is made of goes afterwards; the caller sees to that.
            policy: default: that of the settings.

        Raises:
            CollectFault: the sources do not give what the policy requires; no archive was made.
            StoreFault: the store fails.
        """
        return drive(self._compress(resource_type, resource_id, source_data_deleted, policy))

    def _compress(
        self, resource_type: str, resource_id: str, source_data_deleted: bool, policy: Policy | None
    ) -> Generator[Any, Any, ResourceBundle]:
        bundle = yield self.collect(
            resource_type,
            resource_id,
            "archive",
            policy=self._settings.compression_policy if policy is None else policy,
            source_data_deleted=source_data_deleted,
        )
        return self.archive(bundle)

    def archive(self, bundle: ResourceBundle) -> ResourceBundle:
        """Store an archive as the next version of its resource, and tell of it.

        Raises:
            StoreFault: the store fails.
        """
        stored = self.archives.put(bundle)
        self.snapshots.outdate(stored.resource_type, stored.resource_id)
        self._tell(
            COMPRESSED,
            stored,
            archiveId=str(stored.bundle_id),
            version=stored.version,
            sourceDataDeleted=stored.source_data_deleted,
        )
        return stored

    def collect(
        self,
        resource_type: str,
        resource_id: str,
        kind: BundleKind,
        *,
        policy: Policy,
        timeout_us: int | None = None,
        snapshot_type: str | None = None,
        source_data_deleted: bool = False,
    ) -> ResourceBundle | Awaitable[ResourceBundle]:
        """A new complete bundle from all sources of a resource; it is not stored.

        Args:
            timeout_us: for sources that are awaited; default: that of the settings.

        Raises:
            CollectFault: as in `collectors.collect`.
        """
        return drive(
            self._collect(resource_type, resource_id, kind, policy, timeout_us, snapshot_type, source_data_deleted)
        )

    def _collect(
        self,
        resource_type: str,
        resource_id: str,
        kind: BundleKind,
        policy: Policy,
        timeout_us: int | None,
        snapshot_type: str | None,
        source_data_deleted: bool,
    ) -> Generator[Any, Any, ResourceBundle]:
        collected: Collected = yield collect(
            self.collectors.of(resource_type),
            resource_type,
            resource_id,
            self._clock,
            policy=policy,
            timeout_us=int(self._settings.collector_timeout_s * 1_000_000) if timeout_us is None else timeout_us,
            timer=self._timer,
        )
        now = self._clock.now_ms()
        self._made += 1
        return ResourceBundle(
            kind,
            bundle_id(kind, resource_type, resource_id, now, self._made),
            resource_type,
            resource_id,
            collected.entries,
            moment(now),
            snapshot_type=snapshot_type,
            source_data_deleted=source_data_deleted,
            failures=collected.failures,
        )

    def _answer(self, stored: ResourceBundle, filter_source_types: Collection[str] | None) -> SnapshotAnswer:
        entries, failures = stored.entries, stored.failures
        if filter_source_types:
            wanted = {folded(name) for name in filter_source_types}
            entries = tuple(one for one in entries if self._is_wanted(one.source_type, wanted))
            failures = tuple(one for one in failures if self._is_wanted(one.source_type, wanted))
        return SnapshotAnswer(
            stored.bundle_id,
            stored.resource_type,
            stored.resource_id,
            entries,
            failures,
            stored.created_at,
            stored.expires_at,
        )

    def _is_wanted(self, source_type: str, wanted: Collection[str]) -> bool:
        return any(name in wanted for name in names_of(source_type, self._templates))

    def _tell(self, topic: str, bundle: ResourceBundle, **more: Any) -> None:
        if self._publish is None:
            return
        payload = {
            "resourceType": bundle.resource_type,
            "resourceId": bundle.resource_id,
            "sourceTypes": [entry.source_type for entry in bundle.entries],
            "timestamp": milliseconds(bundle.created_at),
            "createdAt": time_text(bundle.created_at),
            **more,
        }
        self._publish(topic, payload)


class LocalBackend:
    """The `Backend` of the machine over a `SnapshotApi` of the same process.

    A snapshot is always collected anew, because the machine asks when its cache has
    nothing fresh; it keeps what there is when a source fails.
    """

    def __init__(self, api: SnapshotApi, settings: SnapshotSettings = _DEFAULTS) -> None:
        self._api = api
        # What came in time is answered though a source did not: sources have less time than the whole.
        self._timeout_us = settings.fetch_timeout_ms * 900

    def load(
        self, kind: BundleKind, resource_type: str, resource_id: str
    ) -> ResourceBundle | Awaitable[ResourceBundle] | None:
        """See `Backend.load`."""
        if kind == "archive":
            return self._api.archives.latest(resource_type, resource_id)
        return self._api.collect(resource_type, resource_id, kind, policy="BEST_EFFORT", timeout_us=self._timeout_us)
