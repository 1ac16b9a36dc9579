"""What the VM asks of others: clocks, variable providers, hooks of the host.

Implementations live in other folders or in the host; the VM knows these shapes only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
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

        Args:
            path: the steps after the root name; the empty path asks for the whole root.

        Returns:
            A plain value, which the VM copies; None when there is nothing. An exception is
            logged once and reads as null.
        """
        ...


class VariableProviderFactory(Protocol):
    """Makes the provider of one namespace for each actor.

    Attributes:
        namespace: the root name it answers.
    """

    namespace: str

    def create(self, actor: Any) -> VariableProvider | None:
        """The provider of an actor, or None when the namespace does not apply to it.

        Called once when the actor is spawned or restored.
        """
        ...


class ColumnProvider(Protocol):
    """Answers a namespace for many actors at once, in columns.

    Attributes:
        namespace: the root name it answers.
        paths: dotted path -> NumPy dtype name of its column.
    """

    namespace: str
    paths: Mapping[str, str]

    def columns(self, rows: Any) -> Mapping[str, Any]:
        """Columns for the rows of the actors that are due.

        Args:
            rows: int64, shape (n,): row numbers of the actors.

        Returns:
            path -> array of shape (n,) with the dtype that `paths` gives.
        """
        ...


class Resources(Protocol):
    """Loads snapshots of entities for `load_snapshot`, `prefetch_snapshots` and `watch`."""

    def load(self, resource_type: str, resource_id: str, sources: Sequence[str]) -> Any:
        """The snapshot: a map of namespaces, an awaitable of one, or None when there is none."""
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
