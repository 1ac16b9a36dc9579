"""The store of snapshots: complete ones that expire, found by their id or as the newest of a resource."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol
from uuid import UUID

from abml.providers.snapshots.models import ResourceBundle, milliseconds, moment
from abml.providers.snapshots.settings import SnapshotSettings
from abml.vm.protocols import Clock

from .faults import StoreFault

KEY_PREFIX = "snap:"
"""Before the id of a snapshot in the keys of stores; there are no keys for filtered parts."""
SWEEP_INTERVAL_MS = 60_000

_DEFAULTS = SnapshotSettings()


class SnapshotStore(Protocol):
    """Snapshots by id. What has expired is not there any more.

    Every method raises `StoreFault` when the store fails; then nothing has changed.
    """

    def put(self, bundle: ResourceBundle, ttl_s: float | None = None) -> ResourceBundle:
        """Store a complete snapshot.

        Args:
            ttl_s: seconds that it lives, brought within the bounds of the settings; None: the default.

        Returns:
            It with the time when it expires.

        Raises:
            StoreFault: `wrong_kind`: it is no snapshot.
        """
        ...

    def get(self, snapshot_id: UUID) -> ResourceBundle | None:
        """A snapshot by its id, None when there is none or it has expired."""
        ...

    def newest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """The snapshot of a resource that was stored last, None when it has expired or was outdated."""
        ...

    def outdate(self, resource_type: str, resource_id: str) -> None:
        """The data of a resource changed: its snapshots are found by their ids only."""
        ...

    def __len__(self) -> int:
        """How many snapshots are stored, expired ones that were not swept yet included."""
        ...


def with_expiry(bundle: ResourceBundle, now_ms: int, ttl_s: float | None, settings: SnapshotSettings) -> ResourceBundle:
    """A snapshot that lives so long from now.

    Raises:
        StoreFault: `wrong_kind`: it is no snapshot.
    """
    if bundle.kind != "snapshot":
        raise StoreFault("wrong_kind", f"an {bundle.kind} is not stored as a snapshot")
    return replace(bundle, expires_at=moment(now_ms + int(settings.clamp_ttl_s(ttl_s) * 1_000)))


def key_of(snapshot_id: UUID) -> str:
    """The key of a snapshot in a store."""
    return f"{KEY_PREFIX}{snapshot_id}"


class MemorySnapshots:
    """A `SnapshotStore` that lives as long as its process; sweeps at most once a minute."""

    def __init__(self, clock: Clock, settings: SnapshotSettings = _DEFAULTS) -> None:
        self._clock = clock
        self._settings = settings
        self._by_key: dict[str, ResourceBundle] = {}
        self._newest: dict[tuple[str, str], str] = {}
        self._swept_ms = clock.now_ms()

    def __len__(self) -> int:
        return len(self._by_key)

    def put(self, bundle: ResourceBundle, ttl_s: float | None = None) -> ResourceBundle:
        """See `SnapshotStore.put`."""
        now = self._clock.now_ms()
        stored = with_expiry(bundle, now, ttl_s, self._settings)
        self._sweep(now)
        key = key_of(stored.bundle_id)
        self._by_key[key] = stored
        self._newest[stored.resource_type, stored.resource_id] = key
        return stored

    def get(self, snapshot_id: UUID) -> ResourceBundle | None:
        """See `SnapshotStore.get`."""
        return self._living(key_of(snapshot_id))

    def newest(self, resource_type: str, resource_id: str) -> ResourceBundle | None:
        """See `SnapshotStore.newest`."""
        key = self._newest.get((resource_type, resource_id))
        return None if key is None else self._living(key)

    def outdate(self, resource_type: str, resource_id: str) -> None:
        """See `SnapshotStore.outdate`."""
        self._newest.pop((resource_type, resource_id), None)

    def _living(self, key: str) -> ResourceBundle | None:
        found = self._by_key.get(key)
        if found is None or found.expires_at is None or milliseconds(found.expires_at) <= self._clock.now_ms():
            return None
        return found

    def _sweep(self, now_ms: int) -> None:
        if now_ms - self._swept_ms < SWEEP_INTERVAL_MS:
            return
        self._swept_ms = now_ms
        self._by_key = {key: one for key, one in self._by_key.items() if self._living(key) is not None}
        self._newest = {resource: key for resource, key in self._newest.items() if key in self._by_key}
