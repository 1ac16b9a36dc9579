"""What authors of providers start from: providers over plain data, factories from functions, and the one
contract that every factory is held to when it is registered."""

from __future__ import annotations

import math
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from abml.vm.binding import BindingKey
from abml.vm.protocols import Path, VariableProvider

from .binding import ProviderError, scope_keys_of

_NAMESPACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*\Z")

COLUMN_TYPES = ("f64", "i64", "bool", "str")
"""Types of columns."""

Made = VariableProvider | None
Create = Callable[[BindingKey], Made | Awaitable[Made]]


class DataProvider:
    """A provider over data that is in memory already.

    A step finds the entry of a mapping by its name, the element of a list by its
    number; what is not there is None.

    Args:
        data: mappings, lists and plain values; not copied and not changed.
        ignore_case: names that have no exact match are looked for in any letter case.
    """

    __slots__ = ("data", "ignore_case")

    def __init__(self, data: Any, *, ignore_case: bool = False) -> None:
        self.data = data
        self.ignore_case = ignore_case

    def get(self, path: Path) -> Any:
        """The value at a path, None when it leads nowhere."""
        value = self.data
        for step in path:
            if isinstance(value, Mapping):
                found = value.get(step)
                if found is None and self.ignore_case and step not in value:
                    folded = step.casefold()
                    found = next((item for key, item in value.items() if str(key).casefold() == folded), None)
                value = found
            elif isinstance(value, Sequence) and not isinstance(value, str | bytes) and step.isdecimal():
                number = int(step) if len(step) < 10 else len(value)
                value = value[number] if number < len(value) else None
            else:
                return None
        return value


@dataclass(frozen=True, slots=True)
class Factory:
    """A factory made of a function, for hosts that want no class.

    Attributes:
        make: gives a provider, or plain data that becomes one; may be async.
    """

    namespace: str
    make: Callable[..., Any]
    scope_keys: frozenset[str] = frozenset(("actor",))
    ttl_s: float = math.inf
    paths: Mapping[str, str] | None = None
    invalidated_by: frozenset[str] = frozenset()

    def create(self, actor: BindingKey, *client: Any) -> Any:
        """What `make` gives for an actor."""
        return self.make(actor, *client)


@dataclass(frozen=True, slots=True)
class FactorySpec:
    """A factory as the registry keeps it: its optional attributes read once and checked.

    Attributes:
        factory: what was registered.
        has_columns: it answers for many keys at once; populations prefer that.
        is_columnar: it has nothing but columns; single actors then get a row of them.
        is_pushed: its values are pushed by the host; it is asked at every tick and never loads.
        scope: opens a client for each load; None: loads need none.
    """

    namespace: str
    factory: Any
    scope_keys: frozenset[str]
    ttl_s: float
    paths: Mapping[str, str] | None
    invalidated_by: frozenset[str]
    has_columns: bool
    is_columnar: bool
    is_pushed: bool
    scope: Callable[[], Any] | None


def spec_of(factory: Any, scope: Callable[[], Any] | None = None) -> FactorySpec:
    """Check a factory.

    Raises:
        ProviderError: it has no usable namespace, neither `create` nor `columns`, or
            an optional attribute that does not fit.
    """
    if isinstance(factory, type):
        raise ProviderError(f"{factory.__qualname__} is a class; register a factory made of it")
    namespace = getattr(factory, "namespace", None)
    if not isinstance(namespace, str):
        raise ProviderError(f"{type(factory).__qualname__} has no namespace")
    if not _NAMESPACE.match(namespace):
        raise ProviderError(f"'{namespace}' cannot be a namespace: a name of letters, digits, '_' and '-' is wanted")
    has_columns = callable(getattr(factory, "columns", None))
    is_columnar = has_columns and not callable(getattr(factory, "create", None))
    is_pushed = callable(getattr(factory, "current", None))
    if not (is_columnar or is_pushed or callable(getattr(factory, "create", None))):
        raise ProviderError(f"{namespace}: the factory has neither 'create' nor 'columns'")
    paths = _paths(namespace, getattr(factory, "paths", None))
    if is_columnar:
        if paths is None:
            raise ProviderError(f"{namespace}: a provider of columns names its paths")
        for path, kind in paths.items():
            if kind not in COLUMN_TYPES:
                raise ProviderError(f"{namespace}.{path}: a column is {', '.join(COLUMN_TYPES)}, not '{kind}'")
    if scope is not None and not callable(scope):
        raise ProviderError(f"{namespace}: the scope is not callable")
    return FactorySpec(
        namespace=namespace,
        factory=factory,
        scope_keys=scope_keys_of(namespace, getattr(factory, "scope_keys", None)),
        ttl_s=_ttl(namespace, getattr(factory, "ttl_s", None)),
        paths=paths,
        invalidated_by=_names(namespace, getattr(factory, "invalidated_by", None)),
        has_columns=has_columns and paths is not None,
        is_columnar=is_columnar,
        is_pushed=is_pushed,
        scope=scope,
    )


def column_paths(spec: FactorySpec) -> dict[str, str]:
    """The paths that can be columns, with their types."""
    return {path: kind for path, kind in (spec.paths or {}).items() if kind in COLUMN_TYPES and "*" not in path}


def as_provider(namespace: str, made: Any) -> Made:
    """What `create` gave as a provider; mappings and other plain data get one around them.

    Raises:
        ProviderError: it is neither.
    """
    if made is None or (callable(getattr(made, "get", None)) and not isinstance(made, Mapping)):
        return made
    if isinstance(made, Mapping | list | tuple):
        return DataProvider(made)
    raise ProviderError(f"{namespace}: create gave {type(made).__qualname__}, which has no 'get'")


def _ttl(namespace: str, given: Any) -> float:
    if given is None:
        return math.inf
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        raise ProviderError(f"{namespace}: ttl_s is a number of seconds above zero, not {given!r}")
    return float(given)


def _paths(namespace: str, given: Any) -> Mapping[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping) or not all(isinstance(item, str) for pair in given.items() for item in pair):
        raise ProviderError(f"{namespace}: paths is a mapping of dotted paths to types")
    for path in given:
        if not all(path.split(".")):
            raise ProviderError(f"{namespace}: '{path}' is no path")
    return dict(given)


def _names(namespace: str, given: Iterable[str] | None) -> frozenset[str]:
    if given is None:
        return frozenset()
    if isinstance(given, str):
        given = (given,)
    names = frozenset(given)
    if not all(isinstance(name, str) for name in names):
        raise ProviderError(f"{namespace}: invalidated_by holds names of events")
    return names
