"""The cache of providers: who made them when, and what is read while they are made anew (runtime 5.2).

A read takes what is there and never loads; it only notes what has to be loaded.
Loads run in `work`, between ticks, so that a tick sees one version of everything.
No threads: coroutines of async factories run on the event loop of the caller, or
on one of the cache's own while `work` or `wait` is called.
"""

from __future__ import annotations

import inspect
import sys
import weakref
from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Any

from abml.vm.binding import BindingKey

from .base import FactorySpec, Made

if TYPE_CHECKING:
    import asyncio

SECOND = 1_000_000
STALE_FACTOR = 10.0
"""How many times its TTL a value is served from its load on while refreshing it fails."""
FIRST_RETRY_US = SECOND
LAST_RETRY_US = 60 * SECOND
IDLE_US = 600 * SECOND
"""Entries that nobody read for so long are dropped once they are old."""

_NEVER = float("inf")

Load = Callable[[FactorySpec, BindingKey], Any]
Watcher = Callable[[Any], None]
Matches = Callable[[BindingKey], bool] | None
Holder = Callable[[Matches], int]


class Entry:
    """What is known of one namespace for one restricted key. Times are in microseconds.

    Attributes:
        provider: of the last load that succeeded; None: there is none, or nothing was loaded yet.
        loaded_at: when that was; None before the first one.
        version: counts successful loads; 0 before the first one.
        failures: loads that failed since.
        error: what the last load failed with; None after one that succeeded.
        retry_at: no load is started before.
    """

    __slots__ = (
        "spec", "binding", "provider", "loaded_at", "expires_at", "version", "failures", "error", "retry_at",
        "is_loading", "used_at",
    )  # fmt: skip

    def __init__(self, spec: FactorySpec, binding: BindingKey) -> None:
        self.spec = spec
        self.binding = binding
        self.provider: Made = None
        self.loaded_at: int | None = None
        self.expires_at: float = -_NEVER
        self.version = 0
        self.failures = 0
        self.error: str | None = None
        self.retry_at: float = -_NEVER
        self.is_loading = False
        self.used_at = 0

    def is_absent(self, now_us: int, stale_factor: float) -> bool:
        """Nothing was loaded, or it is too old to be served."""
        if self.loaded_at is None:
            return True
        # Multiplied before the test, so that a provider without TTL never gets too old.
        return now_us >= self.expires_at and now_us >= self.loaded_at + self.spec.ttl_s * stale_factor * SECOND


class ProviderCache:
    """Providers by namespace and restricted key, shared by all actors with that key.

    Args:
        load: starts the load of an entry: a provider, or an awaitable of one.
        stale_factor: see `STALE_FACTOR`.

    Not safe for two threads at once.
    """

    def __init__(self, load: Load, *, stale_factor: float = STALE_FACTOR) -> None:
        self.stale_factor = stale_factor
        self._load = load
        self._entries: dict[tuple[str, Hashable], Entry] = {}
        self._queue: list[Entry] = []
        self._running: list[tuple[Entry, asyncio.Future[Any]]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pruned_at = 0
        self._watchers: dict[str, list[weakref.WeakMethod[Watcher]]] = {}
        self._holders: dict[str, list[weakref.WeakMethod[Holder]]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    # ------------------------------------------------------------------ reading

    def look(self, spec: FactorySpec, restricted: Hashable, binding: BindingKey, now_us: int) -> Entry:
        """The entry of a key, which notes a load when it is old or was never loaded. Loads nothing itself."""
        key = (spec.namespace, restricted)
        entry = self._entries.get(key)
        if entry is None:
            entry = self._entries[key] = Entry(spec, binding)
        entry.used_at = now_us
        if now_us >= entry.expires_at and not entry.is_loading and now_us >= entry.retry_at:
            entry.is_loading = True
            self._queue.append(entry)
        return entry

    def provider(self, entry: Entry, now_us: int) -> Made:
        """What an entry serves now: its value, fresh or stale; None when it is absent."""
        return None if entry.is_absent(now_us, self.stale_factor) else entry.provider

    @property
    def is_busy(self) -> bool:
        """Loads wait to be started or have not answered yet."""
        return bool(self._queue or self._running)

    # ------------------------------------------------------------------ loading

    def work(self, now_us: int) -> int:
        """Start the loads that were noted, and take over the answers that are there.

        Returns:
            How many loads came to their end.
        """
        done = 0
        queue, self._queue = self._queue, []
        for number, entry in enumerate(queue):
            try:
                made = self._load(entry.spec, entry.binding)
            except Exception as error:
                self._failed(entry, error, now_us)
                done += 1
                continue
            except BaseException:
                # An interrupt of the host; what was not tried stays to be done.
                entry.is_loading = False
                self._queue = queue[number + 1 :] + self._queue
                raise
            if inspect.isawaitable(made):
                self._running.append((entry, self.start(made)))
            else:
                self._loaded(entry, made, now_us)
                done += 1
        if self._running:
            if not all(future.done() for _, future in self._running):
                self.step()
            done += self._take_answers(now_us)
        if now_us - self._pruned_at >= IDLE_US:
            self._prune(now_us)
        return done

    def wait(self, timeout_s: float, now_us: int) -> int:
        """Let loads that were started run for a while, and take over what they answer.

        Within a running event loop nothing can be waited for; then this takes over what is there.
        """
        import asyncio

        loop = self._loop
        futures = [future for _, future in self._running if future.get_loop() is loop]
        if futures and loop is not None and not _has_running_loop():
            loop.run_until_complete(asyncio.wait(futures, timeout=timeout_s))
        return self._take_answers(now_us)

    @property
    def running(self) -> list[asyncio.Future[Any]]:
        """The loads that run, for hosts with an event loop: they may await them."""
        return [future for _, future in self._running]

    def start(self, made: Any) -> asyncio.Future[Any]:
        """A future of an awaitable; it runs on the caller's event loop, or while `step` is called."""
        import asyncio

        async def answer() -> Any:
            return await made

        if _has_running_loop():
            return asyncio.ensure_future(answer())
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            weakref.finalize(self, _close_loop, self._loop)
        return self._loop.create_task(answer())

    def step(self) -> None:
        """One round of the own event loop, which waits for nothing."""
        loop = self._loop
        if loop is not None and not _has_running_loop():
            loop.call_soon(loop.stop)
            loop.run_forever()

    def _take_answers(self, now_us: int) -> int:
        waiting, done = [], 0
        for entry, future in self._running:
            if not future.done():
                waiting.append((entry, future))
                continue
            done += 1
            if future.cancelled():
                self._failed(entry, TimeoutError("the load was cancelled"), now_us)
                continue
            error = future.exception()
            if isinstance(error, Exception):
                self._failed(entry, error, now_us)
            elif error is not None:
                raise error
            else:
                self._loaded(entry, future.result(), now_us)
        self._running = waiting
        return done

    def _loaded(self, entry: Entry, made: Made, now_us: int) -> None:
        entry.is_loading = False
        entry.provider = made
        entry.loaded_at = now_us
        entry.expires_at = now_us + entry.spec.ttl_s * SECOND
        entry.version += 1
        entry.failures = 0
        entry.error = None
        entry.retry_at = -_NEVER
        self._tell(entry)

    def _failed(self, entry: Entry, error: Exception, now_us: int) -> None:
        entry.is_loading = False
        entry.failures += 1
        entry.error = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        entry.retry_at = now_us + retry_after_us(entry.failures)
        self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        for reference in self._watchers.get(entry.spec.namespace, ()):
            watcher = reference()
            if watcher is not None:
                watcher(entry)

    def watch(self, namespace: str, watcher: Watcher) -> None:
        """Call a method with each entry of a namespace that was loaded, failed or got old, while its object lives."""
        watchers = [one for one in self._watchers.get(namespace, ()) if one() is not None]
        self._watchers[namespace] = [*watchers, weakref.WeakMethod(watcher)]

    def share(self, namespace: str, holder: Holder) -> None:
        """Invalidate data of a namespace that is held elsewhere, too, by a method that counts what it made old."""
        holders = [one for one in self._holders.get(namespace, ()) if one() is not None]
        self._holders[namespace] = [*holders, weakref.WeakMethod(holder)]

    # ----------------------------------------------------------- getting old

    def invalidate(self, namespace: str | None = None, matches: Matches = None) -> int:
        """Make entries old at once: they are served until their next load, which starts at the next read.

        Args:
            namespace: None: all of them.
            matches: whose; None: everybody's.

        Returns:
            How many entries it were.
        """
        count = 0
        for (name, _), entry in self._entries.items():
            if (namespace is None or name == namespace) and (matches is None or matches(entry.binding)):
                entry.expires_at = -_NEVER
                entry.retry_at = -_NEVER
                count += 1
                self._tell(entry)
        for name, holders in self._holders.items():
            if namespace is None or name == namespace:
                for reference in holders:
                    holder = reference()
                    count += 0 if holder is None else holder(matches)
        return count

    def forget(self, namespace: str) -> None:
        """Drop everything of a namespace; answers that still come are not taken."""
        self._entries = {key: entry for key, entry in self._entries.items() if key[0] != namespace}

    def _prune(self, now_us: int) -> None:
        self._pruned_at = now_us
        idle = now_us - IDLE_US
        self._entries = {
            key: entry
            for key, entry in self._entries.items()
            if entry.is_loading or entry.used_at > idle or not entry.is_absent(now_us, self.stale_factor)
        }

    def close(self) -> None:
        """Cancel the loads that run and close the event loop; the cache can be used again."""
        running, self._running = self._running, []
        for entry, future in running:
            future.cancel()
            entry.is_loading = False
        loop, self._loop = self._loop, None
        if loop is not None:
            _close_loop(loop)


def retry_after_us(failures: int) -> int:
    """How long to wait after so many failures in a row: 1, 2, 4 ... 60 seconds."""
    # The exponent is bounded, since a load may fail for years.
    return min(FIRST_RETRY_US << min(failures - 1, 10), LAST_RETRY_US)


def _has_running_loop() -> bool:
    # Whoever runs a loop has loaded the library; it is too large to be loaded for this question.
    asyncio = sys.modules.get("asyncio")
    if asyncio is None:
        return False
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _close_loop(loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    if loop.is_closed():
        return
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left and not _has_running_loop():
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()
