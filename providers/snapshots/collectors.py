"""Sources of a resource's data, and asking all of them: in order, with time limits, required or best effort."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, Literal, NamedTuple, Protocol

from abml.errors import AbmlError
from abml.vm.protocols import Clock

from .codec import DEFAULT_LIMITS, DecodeLimits, encode
from .models import FailureKind, SnapshotEntry, SourceFailure, moment
from .timing import Deferred, LoopTimer, Timer, discard, settle

Policy = Literal["ALL_REQUIRED", "BEST_EFFORT"]

PRIORITIES = {
    "character-base": 0,
    "character-personality": 10,
    "character-history": 20,
    "obligation": 25,
    "character-encounter": 30,
    "storyline": 40,
    "character-storyline": 40,
    "quest": 50,
    "character-quest": 50,
}
"""Priorities of well-known sources; lower ones are asked earlier (runtime 6.1)."""
DEFAULT_PRIORITY = 100
COLLECTOR_TIMEOUT_US = 60_000_000


class ResourceMissing(AbmlError, LookupError):
    """Raised by a source or backend: there is no such resource at all."""


class CollectFault(AbmlError):
    """A resource whose data could not be collected.

    Attributes:
        kind: `unavailable`, `timeout`, `decode_error` or `not_found`.
        source: template type of the source that failed; None: all of them.
    """

    def __init__(self, kind: FailureKind, message: str, source: str | None = None) -> None:
        super().__init__(kind, message, source)
        self.kind = kind
        self.message = message
        self.source = source

    def __str__(self) -> str:
        return self.message


class Source(Protocol):
    """One service's knowledge about resources; implemented by the host.

    Attributes:
        source_type: template type of the data, such as `character-personality`.

    Optional attributes: `priority: int` (default: that of the well-known source, else 100),
    `service_name: str` (default: the name of the class), `schema_version: int` (default: 1).
    """

    @property
    def source_type(self) -> str: ...

    def collect(
        self, resource_type: str, resource_id: str
    ) -> Mapping[str, Any] | Awaitable[Mapping[str, Any] | None] | None:
        """What it knows of a resource: an object of JSON values, or None when it knows nothing.

        Called once per collection, never at the same time twice for one collection. It may
        return at once or be awaited; what blocks, blocks everybody.

        Raises:
            ResourceMissing: there is no such resource.
            Exception: anything else: it failed; the data of the others is kept when the policy allows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Collector:
    """A source that is registered for a type of resources.

    Attributes:
        is_root: where it knows nothing there is no such resource.
    """

    source: Source
    resource_type: str
    source_type: str
    priority: int
    service_name: str
    schema_version: int
    is_root: bool


class Collectors:
    """Collectors by resource type, each source type once."""

    def __init__(self) -> None:
        self._by_type: dict[str, dict[str, Collector]] = {}
        self._ordered: dict[str, tuple[Collector, ...]] = {}

    def register(
        self,
        source: Source,
        resource_type: str | None = None,
        *,
        priority: int | None = None,
        service_name: str | None = None,
        is_root: bool | None = None,
    ) -> Collector:
        """Register a source.

        Args:
            resource_type: default: the part of the source type before its first `-`; `character` for
                `quest`, `storyline` and `obligation`.
            is_root: default: only the source `<resource type>-base` is.

        Raises:
            ValueError: an empty name, or the source type is registered for that resource type already.
        """
        source_type = source.source_type
        if not isinstance(source_type, str) or not source_type:
            raise ValueError("a source needs a source_type")
        if resource_type is None:
            resource_type = "character" if source_type in PRIORITIES else source_type.partition("-")[0]
        if not resource_type:
            raise ValueError(f"the source '{source_type}' needs a resource type")
        known = self._by_type.setdefault(resource_type, {})
        if source_type in known:
            raise ValueError(f"'{source_type}' of '{resource_type}' has a source already")
        if priority is None:
            priority = getattr(source, "priority", PRIORITIES.get(source_type, DEFAULT_PRIORITY))
        if service_name is None:
            service_name = getattr(source, "service_name", type(source).__name__)
        made = Collector(
            source,
            resource_type,
            source_type,
            int(priority),
            str(service_name),
            int(getattr(source, "schema_version", 1)),
            source_type == f"{resource_type}-base" if is_root is None else is_root,
        )
        known[source_type] = made
        self._ordered.pop(resource_type, None)
        return made

    def unregister(self, resource_type: str, source_type: str) -> bool:
        """Forget a source; whether there was one."""
        found = self._by_type.get(resource_type, {}).pop(source_type, None)
        self._ordered.pop(resource_type, None)
        return found is not None

    def of(self, resource_type: str) -> tuple[Collector, ...]:
        """The collectors of a resource type by ascending priority, of equal ones by source type."""
        found = self._ordered.get(resource_type)
        if found is None:
            known = self._by_type.get(resource_type, {}).values()
            found = tuple(sorted(known, key=lambda one: (one.priority, one.source_type)))
            self._ordered[resource_type] = found
        return found


class Collected(NamedTuple):
    """The data of all sources that have some, and those that failed, both in order."""

    entries: tuple[SnapshotEntry, ...]
    failures: tuple[SourceFailure, ...]


def collect(
    collectors: Iterable[Collector],
    resource_type: str,
    resource_id: str,
    clock: Clock,
    *,
    policy: Policy = "ALL_REQUIRED",
    timeout_us: int = COLLECTOR_TIMEOUT_US,
    timer: Timer | None = None,
    limits: DecodeLimits = DEFAULT_LIMITS,
) -> Collected | Awaitable[Collected]:
    """Ask the sources of a resource, in the order given; those that are awaited are waited for together.

    Args:
        clock: gives the time of collection.
        policy: `ALL_REQUIRED` ends with the first failure, `BEST_EFFORT` keeps what there is.
        timeout_us: for each source that is awaited.
        timer: measures it; default: real time.

    Returns:
        At once when no source has to be awaited. At least one entry.

    Raises:
        CollectFault: `not_found` where nobody knows the resource; else nothing could be
            collected, or one source failed and all are required.
    """
    one = _Collection(collectors, resource_type, resource_id, policy, limits, clock)
    one.start()
    if one.waiting:
        return Deferred(lambda: one.wait(timeout_us, LoopTimer() if timer is None else timer), one.close)
    return one.result()


class _Collection:
    """One question to all sources."""

    def __init__(
        self,
        collectors: Iterable[Collector],
        resource_type: str,
        resource_id: str,
        policy: Policy,
        limits: DecodeLimits,
        clock: Clock,
    ) -> None:
        self.collectors = tuple(collectors)
        self.resource_type = resource_type
        self.resource_id = resource_id
        self.policy = policy
        self.limits = limits
        self.clock = clock
        self.waiting: dict[int, Any] = {}
        # By place in the order: an entry, a failure, or nothing.
        self.answers: dict[int, SnapshotEntry | SourceFailure | None] = {}

    def start(self) -> None:
        try:
            for at, one in enumerate(self.collectors):
                try:
                    answer = one.source.collect(self.resource_type, self.resource_id)
                except Exception as error:
                    self._failed(at, error)
                    continue
                if isawaitable(answer):
                    self.waiting[at] = answer
                else:
                    self._take(at, answer)
        except CollectFault:
            self.close()
            raise

    def close(self) -> None:
        """Nobody waits for the answers that are still to come."""
        for answer in self.waiting.values():
            discard(answer)

    async def wait(self, timeout_us: int, timer: Timer) -> Collected:
        tasks = {at: asyncio.ensure_future(self._wait_for(at, answer)) for at, answer in self.waiting.items()}
        await settle(tasks.values(), timeout_us, timer)
        # A failure that ended the waiting is told before those it left unfinished.
        ended = [task for _, task in sorted(tasks.items()) if task.done() and not task.cancelled()]
        for task in ended:
            task.result()
        for at, task in sorted(tasks.items()):
            if task not in ended:
                self._failed(at, TimeoutError())
        return self.result()

    async def _wait_for(self, at: int, answer: Awaitable[Any]) -> None:
        try:
            value = await answer
        except Exception as error:
            self._failed(at, error)
            return
        self._take(at, value)

    def result(self) -> Collected:
        entries: list[SnapshotEntry] = []
        failures: list[SourceFailure] = []
        for _, answer in sorted(self.answers.items()):
            if isinstance(answer, SnapshotEntry):
                entries.append(answer)
            elif answer is not None:
                failures.append(SourceFailure(answer.source_type, answer.kind, answer.message, before=len(entries)))
        if not entries:
            if not failures:
                raise self._missing()
            kinds = {failure.kind for failure in failures}
            kind: FailureKind = kinds.pop() if len(kinds) == 1 else "unavailable"
            first = failures[0]
            raise CollectFault(kind, f"nothing could be collected; {first.source_type}: {first.message}")
        return Collected(tuple(entries), tuple(failures))

    def _take(self, at: int, value: Any) -> None:
        one = self.collectors[at]
        if value is None:
            if one.is_root:
                raise self._missing()
            self.answers[at] = None
            return
        if not isinstance(value, Mapping):
            self._fail(at, "decode_error", f"the source gave {type(value).__name__}, not an object")
            return
        try:
            coded = encode(value)
        except (TypeError, ValueError, RecursionError) as error:
            self._fail(at, "decode_error", f"the source gave what is no JSON: {str(error)[:120]}")
            return
        if coded.size > self.limits.max_bytes:
            self._fail(at, "decode_error", f"the source gave more than {self.limits.max_bytes} bytes")
            return
        when = moment(self.clock.now_ms())
        self.answers[at] = SnapshotEntry(
            one.source_type, one.service_name, coded.data, when, coded.checksum, one.schema_version
        )

    def _failed(self, at: int, error: Exception) -> None:
        if isinstance(error, ResourceMissing):
            raise self._missing() from error
        if isinstance(error, TimeoutError):
            self._fail(at, "timeout", "the source took too long")
        elif isinstance(error, CollectFault):
            self._fail(at, error.kind, error.message)
        else:
            text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self._fail(at, "unavailable", f"the source failed: {text[:200]}")

    def _fail(self, at: int, kind: FailureKind, message: str) -> None:
        one = self.collectors[at]
        if self.policy == "ALL_REQUIRED":
            raise CollectFault(kind, f"{one.source_type}: {message}", one.source_type)
        self.answers[at] = SourceFailure(one.source_type, kind, message)

    def _missing(self) -> CollectFault:
        return CollectFault("not_found", f"there is no {self.resource_type} '{self.resource_id}'")
