"""Scopes: chains of names, document variables, and writing to targets."""

from __future__ import annotations

from typing import Any

from abml import values
from abml.syntax import ast

from .conversion import convert
from .expressions import Names, evaluate
from .faults import ReferenceFault


class Scope:
    """Names of a frame, an iteration, a run or the given layer."""

    def __init__(self, parent: Scope | None, vars: dict[str, Any] | None = None) -> None:
        self.parent = parent
        self.vars: dict[str, Any] = {} if vars is None else vars

    def has(self, name: str) -> bool:
        return name in self.vars

    def get(self, name: str) -> Any:
        return self.vars[name]

    def put(self, name: str, value: Any) -> None:
        self.vars[name] = value

    def clear(self, name: str) -> None:
        self.put(name, None)

    def find(self, name: str) -> Scope | None:
        """The innermost scope from here outwards that holds the name."""
        scope: Scope | None = self
        while scope is not None and not scope.has(name):
            scope = scope.parent
        return scope


class ChannelScope(Scope):
    """The scope of a channel, which keeps its own copies of what all channels share.

    Attributes:
        libraries: copies of variables of imported documents, by their document scope.
    """

    def __init__(self, parent: Scope | None) -> None:
        super().__init__(parent)
        self.libraries: dict[Scope, Scope] = {}


class DocumentScope(Scope):
    """Context variables of one document; `global` may add others.

    Attributes:
        names: what `source` and `computed` see; set by the document's instance.
        fallback: default or given value of every declared variable.
    """

    names: Names

    def __init__(self, parent: Scope | None, declared: dict[str, ast.Variable]) -> None:
        super().__init__(parent)
        self.declared = dict(declared)
        self.fallback: dict[str, Any] = {}
        self.visible: set[str] = set()

    def has(self, name: str) -> bool:
        return name in self.vars or name in self.declared

    def get(self, name: str) -> Any:
        variable = self.declared.get(name)
        if variable is None:
            return self.vars[name]
        if variable.computed is not None:
            return evaluate(variable.computed, self.names)
        if variable.source is not None and name not in self.vars:
            found = convert(evaluate(variable.source, self.names), variable.type)
            return self.fallback.get(name) if found is None else found
        return self.vars.get(name)

    def put(self, name: str, value: Any) -> None:
        self.writable(name)
        self.vars[name] = value

    def writable(self, name: str) -> None:
        variable = self.declared.get(name)
        if variable is not None and (variable.computed is not None or variable.readonly):
            raise ReferenceFault("readonly_target", f"'{name}' cannot be assigned")

    def clear(self, name: str) -> None:
        self.writable(name)
        variable = self.declared.get(name)
        if variable is not None and variable.source is not None:
            self.vars.pop(name, None)
        else:
            self.vars[name] = None


def channel_scope(scope: Scope | None) -> ChannelScope | None:
    """The channel's scope in a chain; None in a run without channels."""
    while scope is not None and not isinstance(scope, ChannelScope):
        scope = scope.parent
    return scope


def own_view(scope: Scope | None, document: Scope, name: str) -> Scope:
    """Where code in a scope finds a variable of an imported document: the channel's copy, or the document."""
    channel = channel_scope(scope)
    copies = None if channel is None else channel.libraries.get(document)
    return copies if copies is not None and copies.has(name) else document


def key_text(key: Any) -> str:
    """The key a step names in a map: its text."""
    return key if isinstance(key, str) else values.to_text(key)


def position(container: list[Any], key: Any) -> int:
    """The index a step names in a list, at most its length."""
    if isinstance(key, bool) or not isinstance(key, (int, float)) or key != key or key in (float("inf"), float("-inf")):
        raise ReferenceFault("type_error", "a list index must be an int")
    if key != int(key):
        raise ReferenceFault("type_error", "a list index must be an int")
    if not 0 <= key <= len(container):
        raise ReferenceFault("index_out_of_range", "outside the list")
    return int(key)


def _fetch(container: Any, key: Any) -> Any:
    if isinstance(container, dict):
        return container.get(key_text(key))
    place = position(container, key)
    return container[place] if place < len(container) else None


def _put(container: Any, key: Any, value: Any) -> None:
    if isinstance(container, dict):
        container[key_text(key)] = value
        return
    place = position(container, key)
    if place == len(container):
        container.append(value)
    else:
        container[place] = value


def store(container: Any, keys: list[Any], value: Any) -> None:
    """Write a value below a container; missing steps become maps, nothing is half done."""
    if not isinstance(container, (dict, list)):
        raise ReferenceFault("type_error", f"a {values.kind_of(container)} has no parts to assign")
    if len(keys) == 1:
        _put(container, keys[0], value)
        return
    child = _fetch(container, keys[0])
    if child is None:
        child = {}
        store(child, keys[1:], value)
        _put(container, keys[0], child)
    else:
        store(child, keys[1:], value)


def read_below(container: Any, keys: list[Any]) -> Any:
    """The present value below a container; null when a step is missing."""
    for key in keys:
        if container is None:
            return None
        container = values.index(container, key)
    return container
