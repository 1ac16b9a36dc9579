"""What the VM asks of others: clocks, variable providers, hooks of the host.

Implementations live in other folders or in the host; the VM knows these shapes only.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from .binding import BindingKey
    from .dialogue import DialogueFile

Path = tuple[str, ...]


@runtime_checkable
class Clock(Protocol):
    """A source of time. The VM reads it once at the start of a tick."""

    def now_us(self) -> int:
        """The reading in microseconds; must not go back between two ticks."""
        ...

    def now_ms(self) -> int:
        """The same reading in whole milliseconds, rounded down."""
        ...


@runtime_checkable
class VariableProvider(Protocol):
    """A read-only root name such as `${personality.aggression}`."""

    def get(self, path: Path) -> Any:
        """The value at a path below the root; called at most once per path and tick.

        It answers from memory: it does no I/O and waits for nothing, since whatever it
        needs was loaded when it was made.

        Args:
            path: the steps after the root name; the empty path asks for the whole root.

        Returns:
            A plain value, which the VM copies; None when there is nothing. An exception is
            logged once and reads as null.
        """
        ...


class VariableProviderFactory(Protocol):
    """Makes the providers of one namespace.

    Attributes:
        namespace: the root name it answers.

    Further attributes are optional; a factory without them has the defaults:
        scope_keys: what its data depends on, a subset of `actor`, `character`, `realm`
            and `location`; actors whose keys agree in these share one provider. Default: `{"actor"}`.
        ttl_s: seconds after which it is made anew. Default: never, only when it is invalidated.
        paths: dotted path -> type text of what it answers. Default: None, not known.
        invalidated_by: names of events that make its providers old. Default: none.
    """

    namespace: str

    def create(self, actor: BindingKey) -> VariableProvider | Awaitable[VariableProvider | None] | None:
        """Load what a provider needs and make it; None when the namespace does not apply.

        Called between ticks and never while an actor runs. It may be async. Factories
        that were registered with a scope get its client as a second argument.
        """
        ...


class ColumnProvider(Protocol):
    """Answers a namespace for many actors at once, in columns.

    Attributes:
        namespace: the root name it answers.
        paths: dotted path -> `f64`, `i64`, `bool` or `str`.

    `scope_keys`, `ttl_s` and `invalidated_by` are optional, as for `VariableProviderFactory`.
    """

    namespace: str
    paths: Mapping[str, str]

    def columns(self, rows: Sequence[BindingKey]) -> Mapping[str, Any] | Awaitable[Mapping[str, Any]]:
        """Load a batch.

        Args:
            rows: whom the values are about, at most 1,000 at once. No two agree in `scope_keys`.

        Returns:
            path -> array of shape (len(rows),); NaN and masked elements are null, and so is
            a path that is missing. float64, int64 and bool arrays are taken as they are;
            texts come as a sequence of str and None.
        """
        ...


@runtime_checkable
class Providers(Protocol):
    """The namespaces of one actor, as its instance reads them."""

    def pin(self, now_us: int, warn: Callable[[str, str], None]) -> Mapping[str, Any]:
        """Namespace -> provider (None: everything is null), unchanged until it is asked again.

        Called at the beginning of a tick, and when the clock of a run moved.

        Args:
            now_us: the clock in microseconds.
            warn: takes kind and message of what the actor's log should say.
        """
        ...


Kind = Literal["snapshot", "archive", "auto"]


@dataclass(frozen=True, slots=True)
class SnapshotRequest:
    """What somebody wants to know of one resource.

    Attributes:
        resource_type: such as `character`.
        resource_id: its id, never empty.
        sources: template types that the answer shows; None: all there are.
        kind: `snapshot`, `archive`, or `auto`: the archive when there is no living entity any more.
        max_age_s: data older than so many seconds is fetched again; None: the cache decides.
        aliases: (name, template type) of what the document gives names of its own.
    """

    resource_type: str
    resource_id: str
    sources: tuple[str, ...] | None = None
    kind: Kind = "snapshot"
    max_age_s: float | None = None
    aliases: tuple[tuple[str, str], ...] = ()


class SnapshotView(VariableProvider, Protocol):
    """The data of one resource under namespaces, aliases and template types; it does not change.

    `get` answers the pseudo keys of language 8.6 too. Of a resource that could
    not be had it gives null for everything but those; `_error` tells why.
    """


@dataclass(slots=True)
class WatchEntry:
    """A resource that an actor watches (runtime 6.6).

    Attributes:
        sources: template types whose changes matter; None: all.
        alias: name of the provider that is kept up to date; None for none.
        on_change: flow that runs at a change; None: a perception is delivered.
    """

    resource_type: str
    resource_id: str
    sources: frozenset[str] | None = None
    alias: str | None = None
    on_change: str | None = None


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """A watched resource changed.

    Attributes:
        source_type: template type of the data that changed; None when all of it did.
        topic: of the event that told of it; None when there was none.
        data: of that event.
        deleted: there is no such resource any more.
        timestamp: milliseconds of the VM clock, or of the event; None when nobody said.
    """

    resource_type: str
    resource_id: str
    source_type: str | None = None
    topic: str | None = None
    data: Any = None
    deleted: bool = False
    timestamp: int | float | None = None


class Resources(Protocol):
    """Data about entities, for `load_snapshot`, `prefetch_snapshots`, `watch` and `unwatch`.

    A library may have a method `refresh(self) -> object | Awaitable[object]` too, which fetches
    watched resources again that are old. Every actor that watches something calls it at the
    beginning of its ticks, so it has to cost next to nothing when nothing is due.
    """

    def fetch(self, request: SnapshotRequest) -> SnapshotView | Awaitable[SnapshotView]:
        """The data of one resource: at once when it is cached, else to be awaited.

        Never raises for data that is missing, late or unreadable: the view tells of it.
        """
        ...

    def prefetch(
        self, resource_type: str, resource_ids: Sequence[str], sources: tuple[str, ...] | None
    ) -> tuple[int, int] | Awaitable[tuple[int, int]]:
        """Have resources at hand for a later `fetch`.

        `prefetch_snapshots` asks for it, and loops that load each of their elements, before their first rounds.

        Args:
            resource_ids: each once.

        Returns:
            How many there are now, and how many were asked for.
        """
        ...

    def watch(self, actor_id: str, entry: WatchEntry, deliver: Callable[[ResourceChange], None]) -> None:
        """Tell an actor of changes; a second watch of a resource takes the place of the first.

        Args:
            deliver: called on the thread that ticks the actor, outside of its ticks or within.

        Raises:
            ValueError: the actor watches too much already.
        """
        ...

    def unwatch(self, actor_id: str, resource_type: str, resource_id: str) -> None:
        """End a watch; nothing happens when there is none."""
        ...


class DialogueSource(Protocol):
    """Gives the companion files of dialogue references (language 8.8)."""

    def load(self, reference: str, warn: Callable[[str], None]) -> DialogueFile | None:
        """The file of a reference, or None when there is no usable one.

        Args:
            warn: told of files that are malformed and references that are refused.
        """
        ...


HostFunction = Callable[..., Any]
"""A function of the host: positional deep copies of the arguments in, a plain value out."""

ReadHook = Callable[[str], Any]
"""Reads a variable of the current scope by name; None when there is none."""

WriteHook = Callable[[str, Any], None]
"""Assigns a variable by the rule of `set`; the value is already a copy."""

LogHook = Callable[[str, str, Any], None]
"""Takes level (`debug info warning error`), message and data of a log record."""
