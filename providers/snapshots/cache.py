"""The cache of bundles: complete ones only, with an expiry for each entry (runtime 6.4)."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from abml.vm.protocols import Clock

from .decoded import DecodedBundle, Reading
from .models import BundleKind, ResourceBundle
from .naming import folded, template_of
from .settings import SnapshotSettings

SWEEP_INTERVAL_US = 60_000_000


class Key(NamedTuple):
    """Snapshot and archive of one resource are two bundles."""

    kind: BundleKind
    resource_type: str
    resource_id: str


class Cached:
    """What is known of a key.

    Attributes:
        record: the bundle; None: there is no such resource.
        loaded_us: when that was learnt.
        expiries: of each entry, in microseconds of the clock.
        limits: until when each entry may be served when newer data cannot be had.
        failed: source types in lower case that failed -> when to ask them again.
        expires_us: of everything, where there is no entry.
        is_outdated: all of it was made to expire.
        first_us: the first of all expiries.
        last_us: from then on it is of no use.
    """

    __slots__ = (
        *("record", "loaded_us", "expiries", "limits", "failed"),
        *("expires_us", "is_outdated", "first_us", "last_us"),
    )

    def __init__(self, record: DecodedBundle | None, loaded_us: int) -> None:
        self.record = record
        self.loaded_us = loaded_us
        self.expiries: list[int] = []
        self.limits: list[int] = []
        self.failed: dict[str, int] = {}
        self.expires_us = loaded_us
        self.is_outdated = False
        self.first_us = loaded_us
        self.last_us = loaded_us

    def settle(self) -> None:
        """Find the first and the last of all expiries again."""
        everything = [*self.expiries, *self.failed.values()] or [self.expires_us]
        self.first_us = min(everything)
        self.last_us = max([*self.limits, self.first_us]) if self.record is not None else self.first_us


class SnapshotCache:
    """Bundles by key; a filter of a request decides what has to be fresh, never what is kept.

    Not safe for two threads at once.

    Attributes:
        hits, misses: how many requests found what they need and how many did not.
    """

    def __init__(self, clock: Clock, reading: Reading, settings: SnapshotSettings) -> None:
        self._clock = clock
        self._reading = reading
        self._settings = settings
        self._entries: OrderedDict[Key, Cached] = OrderedDict()
        self._swept_us = clock.now_us()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: Key) -> bool:
        return key in self._entries

    def ttl_us(self, source_type: str) -> int:
        """How long data of a source stays fresh: what its template says, else the default."""
        spec = template_of(source_type, self._reading.templates)
        minutes = self._settings.default_ttl_minutes if spec is None or spec.ttl_minutes is None else spec.ttl_minutes
        return int(minutes * 60_000_000)

    def find(self, key: Key, sources: tuple[str, ...] | None, max_age_us: int | None = None) -> Cached | None:
        """What is known of a key when all that is needed of it is fresh.

        Args:
            sources: template types that are needed, each once; None: all.
            max_age_us: older data is not fresh.
        """
        cached = self._entries.get(key)
        if cached is not None:
            now = self._clock.now_us()
            if self._is_fresh(cached, sources, now) and (max_age_us is None or now - cached.loaded_us < max_age_us):
                self._entries.move_to_end(key)
                self.hits += 1
                return cached
            if now >= cached.last_us:
                del self._entries[key]
        self.misses += 1
        return None

    def peek(self, key: Key) -> Cached | None:
        """What is known of a key, fresh or not; counts as no use of it."""
        return self._entries.get(key)

    def stale(self, key: Key) -> tuple[Cached, frozenset[int]] | None:
        """What may still be served of a key though it is not fresh: it, and the entries that are not too old."""
        cached = self._entries.get(key)
        if cached is None or cached.record is None:
            return None
        now = self._clock.now_us()
        usable = frozenset(at for at, limit in enumerate(cached.limits) if now < limit)
        return (cached, usable) if usable else None

    def put(self, key: Key, bundle: ResourceBundle) -> Cached:
        """Keep a complete bundle in the place of what was known before."""
        cached = self.wrap(bundle)
        self._keep(key, cached)
        return cached

    def wrap(self, bundle: ResourceBundle) -> Cached:
        """A bundle as it would be kept, without keeping it."""
        now = self._clock.now_us()
        cached = Cached(DecodedBundle(bundle, self._reading), now)
        factor = self._settings.stale_factor
        for entry in bundle.entries:
            ttl = self.ttl_us(entry.source_type)
            cached.expiries.append(now + ttl)
            cached.limits.append(now + int(ttl * factor))
        # A source that failed is asked again soon, without waiting for the others to expire.
        negative_us = now + int(self._settings.negative_ttl_s * 1_000_000)
        cached.failed = {folded(failure.source_type): negative_us for failure in bundle.failures}
        cached.expires_us = now + int(self._settings.default_ttl_minutes * 60_000_000)
        cached.settle()
        return cached

    def put_missing(self, key: Key) -> Cached:
        """Remember for a while that there is no such resource."""
        cached = Cached(None, self._clock.now_us())
        cached.expires_us = cached.loaded_us + int(self._settings.negative_ttl_s * 1_000_000)
        cached.settle()
        self._keep(key, cached)
        return cached

    def invalidate(self, resource_type: str, resource_id: str, source_type: str | None = None) -> bool:
        """Make data of a resource expired; it may still be served when newer cannot be had.

        Args:
            source_type: None: all of it. Data that has no such source is expired as a whole,
                because the source has something now.

        Returns:
            Whether anything of the resource was known.
        """
        now = self._clock.now_us()
        found = False
        for kind in _KINDS:
            cached = self._entries.get(Key(kind, resource_type, resource_id))
            if cached is None:
                continue
            found = True
            record = cached.record
            at = None if record is None or source_type is None else record.names.get(folded(source_type))
            if at is not None:
                cached.expiries[at] = min(cached.expiries[at], now)
            else:
                cached.expiries = [min(expiry, now) for expiry in cached.expiries]
                cached.failed = {name: min(expiry, now) for name, expiry in cached.failed.items()}
                cached.expires_us = min(cached.expires_us, now)
                cached.is_outdated = True
            cached.settle()
        return found

    def drop(self, resource_type: str, resource_id: str) -> bool:
        """Forget a resource at once; whether anything of it was known."""
        found = [self._entries.pop(Key(kind, resource_type, resource_id), None) for kind in _KINDS]
        return any(cached is not None for cached in found)

    def sweep(self) -> int:
        """Remove what can never be served again, at most once a minute; how much that was."""
        now = self._clock.now_us()
        if now - self._swept_us < SWEEP_INTERVAL_US:
            return 0
        self._swept_us = now
        gone = [key for key, cached in self._entries.items() if now >= cached.last_us]
        for key in gone:
            del self._entries[key]
        return len(gone)

    def _keep(self, key: Key, cached: Cached) -> None:
        self._entries[key] = cached
        self._entries.move_to_end(key)
        while len(self._entries) > self._settings.cache_max:
            self._entries.popitem(last=False)
        self.sweep()

    def _is_fresh(self, cached: Cached, sources: tuple[str, ...] | None, now: int) -> bool:
        record = cached.record
        if sources is None or record is None:
            return now < cached.first_us
        if now < cached.first_us and len(record.select(sources)) == len(sources):
            return True
        for name in sources:
            key = folded(name)
            at = record.names.get(key)
            if at is not None:
                if now >= cached.expiries[at]:
                    return False
                continue
            # What the bundle does not have was not there when it was loaded; its own TTL says when to look again.
            expiry = cached.failed.get(key)
            if expiry is None:
                expiry = cached.loaded_us + self.ttl_us(name)
            if cached.is_outdated or now >= expiry:
                return False
        return True


_KINDS: tuple[BundleKind, ...] = ("snapshot", "archive")
