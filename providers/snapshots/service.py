"""Snapshots for the machine: fetched through the cache, fetched ahead, watched (runtime 6.4 to 6.9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import replace
from inspect import isawaitable
from typing import Any

from abml.vm.protocols import Clock, ResourceChange, SnapshotRequest, WatchEntry

from .backends import Backend, Outcome
from .cache import Cached, Key, SnapshotCache
from .decoded import Reading
from .events import Change, EventMappings
from .fetching import Loader, count, together
from .models import BundleKind
from .naming import folded, source_type_of
from .settings import SnapshotSettings
from .timing import LoopTimer, Timer, drive
from .view import BundleView, Problem, Subject
from .watching import WatchRegistry

_DEFAULTS = SnapshotSettings()
_NO_ALIASES: Mapping[str, str] = {}
_NEVER = 2**63
_RETRY_US = 1_000_000


class SnapshotResources:
    """The `Resources` of the machine over a backend. One for a process: the cache is shared by all actors.

    Nothing of it blocks, and it has no thread or task of its own: the ticks of actors that
    watch something call `refresh`. Not safe for two threads at once.

    Args:
        clock: tells the age of data.
        reading: templates and bounds for decoding; its `warn` is told of partial and failed loads too.
        events: which events tell of changes.
        timer: measures time-outs; default: real time.

    Attributes:
        cache: every bundle that is known.
        watches: who watches what.
    """

    def __init__(
        self,
        backend: Backend,
        clock: Clock,
        reading: Reading | None = None,
        settings: SnapshotSettings = _DEFAULTS,
        events: EventMappings | None = None,
        timer: Timer | None = None,
    ) -> None:
        self._clock = clock
        self._reading = Reading() if reading is None else reading
        self._settings = settings
        self._events = EventMappings() if events is None else events
        self._timer: Timer = LoopTimer() if timer is None else timer
        self.cache = SnapshotCache(clock, self._reading, settings)
        self.watches = WatchRegistry(settings.watch_max_per_actor)
        self._loader = Loader(backend, settings.fetch_timeout_ms * 1_000, self._timer, self._store)
        # Resources that changed while they are watched -> when to fetch them again.
        self._due: dict[tuple[str, str], int] = {}
        self._fetched_us: dict[tuple[str, str], int] = {}
        self._next_due_us = _NEVER

    # ------------------------------------------------------------------ fetch

    def fetch(self, request: SnapshotRequest) -> BundleView | Awaitable[BundleView]:
        """The data of one resource; see `Resources.fetch`.

        At once, without a coroutine, when it is cached or the backend answers at once. Names in
        `sources` may be types, namespaces or aliases of the registry.
        """
        sources = self._types(request.sources)
        kind: BundleKind = "archive" if request.kind == "archive" else "snapshot"
        cached = self.cache.find(
            Key(kind, request.resource_type, request.resource_id), sources, _max_age_us(request.max_age_s)
        )
        if cached is not None and (cached.record is not None or request.kind != "auto"):
            return self._view(request, kind, sources, cached)
        return drive(self._fetch(request, kind, sources, cached))

    def _fetch(
        self, request: SnapshotRequest, kind: BundleKind, sources: tuple[str, ...] | None, known: Cached | None
    ) -> Generator[Any, Any, BundleView]:
        key = Key(kind, request.resource_type, request.resource_id)
        if known is None:
            outcome: Outcome = yield self._loader.load(key)
            if request.kind != "auto" or outcome.kind != "not_found":
                return self._loaded(request, kind, sources, outcome)
        # `auto`, and there is no living entity: its latest archive.
        key = Key("archive", request.resource_type, request.resource_id)
        cached = self.cache.find(key, sources, _max_age_us(request.max_age_s))
        if cached is not None:
            return self._view(request, "archive", sources, cached)
        outcome = yield self._loader.load(key)
        return self._loaded(request, "archive", sources, outcome)

    def _loaded(
        self, request: SnapshotRequest, kind: BundleKind, sources: tuple[str, ...] | None, outcome: Outcome
    ) -> BundleView:
        """The view of a load that has just ended."""
        key = Key(kind, request.resource_type, request.resource_id)
        if outcome.bundle is not None:
            cached = self.cache.peek(key)
            # A cache for few bundles may have dropped it already.
            if cached is None or cached.record is None or cached.record.bundle is not outcome.bundle:
                cached = self.cache.wrap(outcome.bundle)
            return self._view(request, kind, sources, cached)
        problem = Problem(outcome.kind or "unavailable", outcome.message)
        subject = self._subject(request, kind, sources)
        if outcome.kind != "not_found":
            stale = self.cache.stale(key)
            if stale is not None:
                old, usable = stale
                wanted = usable if sources is None else usable & _shown(old, sources)
                if wanted:
                    return BundleView(
                        subject, old.record, self._clock, old.loaded_us, problem, is_stale=True, shown=wanted
                    )
        return BundleView(subject, None, self._clock, 0, problem)

    def _view(
        self, request: SnapshotRequest, kind: BundleKind, sources: tuple[str, ...] | None, cached: Cached
    ) -> BundleView:
        subject = self._subject(request, kind, sources)
        if cached.record is None:
            text = f"there is no {request.resource_type} '{request.resource_id}'"
            return BundleView(subject, None, self._clock, 0, Problem("not_found", text))
        return BundleView(subject, cached.record, self._clock, cached.loaded_us)

    def _subject(self, request: SnapshotRequest, kind: BundleKind, sources: tuple[str, ...] | None) -> Subject:
        aliases = {folded(name): kind for name, kind in request.aliases} if request.aliases else _NO_ALIASES
        return Subject(request.resource_type, request.resource_id, kind, sources, aliases)

    def _types(self, names: Sequence[str] | None) -> tuple[str, ...] | None:
        """The template types of names, each once."""
        if names is None:
            return None
        templates = self._reading.templates
        return tuple(dict.fromkeys([source_type_of(name, templates) for name in names]))

    def _store(self, key: Key, outcome: Outcome, outdated: set[str | None]) -> None:
        if outcome.bundle is not None:
            self.cache.put(key, outcome.bundle)
            for source_type in outdated:
                self.cache.invalidate(key.resource_type, key.resource_id, source_type)
            for failure in outcome.bundle.failures:
                self._warn(f"{key.resource_type} '{key.resource_id}', {failure.source_type}: {failure.message}")
        elif outcome.kind == "not_found":
            self.cache.put_missing(key)
        else:
            self._warn(outcome.message)
        resource = (key.resource_type, key.resource_id)
        if key.kind == "snapshot" and self.watches.is_watched(*resource):
            now = self._clock.now_us()
            self._fetched_us[resource] = now
            cached = self.cache.peek(key)
            # What failed is tried again soon; what changed meanwhile when the interval is over.
            soon = now + max(self._settings.refetch_interval_ms * 1_000, 0 if outcome.bundle is not None else _RETRY_US)
            self._plan(resource, soon if cached is None else max(soon, cached.first_us))

    def _warn(self, text: str) -> None:
        if self._reading.warn is not None:
            self._reading.warn(text)

    # --------------------------------------------------------------- prefetch

    def prefetch(
        self, resource_type: str, resource_ids: Sequence[str], sources: tuple[str, ...] | None = None
    ) -> tuple[int, int] | Awaitable[tuple[int, int]]:
        """Have snapshots at hand; see `Resources.prefetch`. Repeated ids count once."""
        ids = list(dict.fromkeys(resource_ids))
        types = self._types(sources)
        found = 0
        missing: list[Key] = []
        for resource_id in ids:
            key = Key("snapshot", resource_type, resource_id)
            cached = self.cache.find(key, types)
            if cached is None:
                missing.append(key)
            else:
                found += cached.record is not None
        if not missing:
            return found, len(ids)
        return drive(self._prefetch(missing, found, len(ids)))

    def _prefetch(self, missing: list[Key], found: int, total: int) -> Generator[Any, Any, tuple[int, int]]:
        found += yield from self._load_all(missing)
        return found, total

    def _load_all(self, keys: list[Key]) -> Generator[Any, Any, int]:
        """Load bundles of one resource type, several at a time where they have to be awaited."""
        works = self._loader.load_all(keys, self._settings.prefetch_batch_size)
        found = 0
        for number, work in enumerate(works):
            given = work()
            if isawaitable(given):
                rest = works[number + 1 :]
                found += yield together(given, rest, self._settings.prefetch_concurrency)
                break
            found += count(given)
        return found

    # ------------------------------------------------------------------ watch

    def watch(self, actor_id: str, entry: WatchEntry, deliver: Callable[[ResourceChange], None]) -> None:
        """Tell an actor of changes; see `Resources.watch`. Sources may be named as in `fetch`."""
        types = self._types(sorted(entry.sources)) if entry.sources else None
        kept = replace(entry, sources=None if types is None else frozenset(types))
        self.watches.watch(actor_id, kept, deliver)
        self._keep_warm(entry.resource_type, entry.resource_id)

    def unwatch(self, actor_id: str, resource_type: str, resource_id: str) -> None:
        """End a watch; see `Resources.unwatch`."""
        self.watches.unwatch(actor_id, resource_type, resource_id)
        self._let_go((resource_type, resource_id))

    def stop(self, actor_id: str) -> None:
        """End all watches of an actor that is over."""
        for entry in self.watches.stop(actor_id):
            self._let_go((entry.resource_type, entry.resource_id))

    def save(self, actor_id: str) -> list[dict[str, Any]]:
        """The watches of an actor as plain data, for its snapshot or its migration."""
        return self.watches.save(actor_id)

    def restore(
        self, actor_id: str, saved: Sequence[Mapping[str, Any]], deliver: Callable[[ResourceChange], None]
    ) -> None:
        """Watch again what an actor watched when it was saved.

        Raises:
            ValueError: the data has the wrong shape; then nothing is watched that was not before.
        """
        for entry in self.watches.restore(actor_id, saved, deliver):
            self._keep_warm(entry.resource_type, entry.resource_id)

    def on_event(self, topic: str, payload: object) -> int:
        """Take note of an event: data it makes old is fetched again before it is served.

        Watchers are told at once, in the order in which they began to watch; what one of them
        raises is warned of.

        Args:
            payload: of the event; what names no resource is left alone.

        Returns:
            How many watchers were told.
        """
        return sum(self._changed(change) for change in self._events.changes(topic, payload, self._clock.now_ms()))

    def _changed(self, change: Change) -> int:
        told = change.change
        if told.source_type is not None:
            told = replace(told, source_type=source_type_of(told.source_type, self._reading.templates))
        resource = (told.resource_type, told.resource_id)
        if change.drops_all:
            self.cache.drop(*resource)
            self._loader.outdate(*resource, None)
        else:
            self.cache.invalidate(*resource, told.source_type)
            self._loader.outdate(*resource, told.source_type)
        delivered = 0
        for watch in self.watches.concerned(told):
            try:
                watch.deliver(told)
                delivered += 1
            except Exception as error:
                self._warn(f"a watcher of {resource[0]} '{resource[1]}' failed: {type(error).__name__}: {error}")
        if told.deleted:
            self.watches.forget(*resource)
            self._let_go(resource)
        elif self.watches.is_watched(*resource):
            last = self._fetched_us.get(resource)
            now = self._clock.now_us()
            interval = self._settings.refetch_interval_ms * 1_000
            self._plan(resource, now if last is None else max(now, last + interval))
        return delivered

    # ---------------------------------------------------------------- refresh

    def refresh(self) -> int | Awaitable[int]:
        """Fetch watched resources again that changed or expired; actors that watch call it in every tick.

        A resource is fetched at most once in `refetch_interval_ms`. Costs next to nothing when
        nothing is due.

        Returns:
            How many were fetched, at once when the backend answers at once.
        """
        now = self._clock.now_us()
        if now < self._next_due_us:
            return 0
        self.cache.sweep()
        due = [resource for resource, at in self._due.items() if at <= now]
        for resource in due:
            # Until it is known what became of it, it is not due again.
            self._due[resource] = now + self._settings.fetch_timeout_ms * 1_000 + _RETRY_US
        self._next_due_us = min(self._due.values(), default=_NEVER)
        return drive(self._refresh(due)) if due else 0

    def _refresh(self, due: list[tuple[str, str]]) -> Generator[Any, Any, int]:
        by_type: dict[str, list[Key]] = {}
        for resource_type, resource_id in due:
            by_type.setdefault(resource_type, []).append(Key("snapshot", resource_type, resource_id))
        found = 0
        for keys in by_type.values():
            found += yield from self._load_all(keys)
        return found

    def _keep_warm(self, resource_type: str, resource_id: str) -> None:
        cached = self.cache.peek(Key("snapshot", resource_type, resource_id))
        self._plan((resource_type, resource_id), self._clock.now_us() if cached is None else cached.first_us)

    def _plan(self, resource: tuple[str, str], due_us: int) -> None:
        self._due[resource] = due_us
        self._next_due_us = min(self._next_due_us, due_us)

    def _let_go(self, resource: tuple[str, str]) -> None:
        """Stop keeping a resource fresh that nobody watches any more."""
        if not self.watches.is_watched(*resource):
            self._due.pop(resource, None)
            self._fetched_us.pop(resource, None)


def _max_age_us(max_age_s: float | None) -> int | None:
    if max_age_s is None or max_age_s != max_age_s or max_age_s == float("inf"):
        return None
    return int(min(max(max_age_s, 0.0), 1e9) * 1_000_000)


def _shown(cached: Cached, sources: tuple[str, ...]) -> frozenset[int]:
    return frozenset() if cached.record is None else cached.record.select(sources)
