"""Values crossing the border between host and VM: deep copies, checked on the way in."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from abml.errors import AbmlError
from abml.values import INT_MAX, INT_MIN, Duration, Provider, copy_value

MAX_DEPTH = 200
"""Nesting of lists and maps that a host may hand in."""
MAX_ENTRIES = 1_000_000
"""Elements and entries in all, over every level."""

_SIMPLE = frozenset((type(None), bool, float))


class HostValueError(AbmlError):
    """A host handed in something that is no value of the language.

    Attributes:
        message: where in the value, and what was found there.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def to_host(value: Any) -> Any:
    """A deep copy for the host; it shares no list or map with the VM.

    Parts that are shared, or contain themselves, are so in the copy.
    Durations stay `Duration`, which cannot change.
    """
    if isinstance(value, Provider):
        value = value.root()
    return copy_value(value)


def from_host(value: Any, name: str = "value") -> Any:
    """A deep copy of what a host gave, as plain values of the language.

    Tuples become lists, subclasses and NumPy values plain ones, `timedelta`
    durations, ints beyond 64 bits floats; any mapping with text keys is a map.

    Args:
        name: what the value is, for the message.

    Raises:
        HostValueError: it holds an object, set or bytes, a key that is no text,
            half a surrogate pair, contains itself, or is too deep or too large.
    """
    kind = type(value)
    if kind in _SIMPLE:
        return value
    if kind is not list and kind is not dict and kind is not tuple:
        value, is_container = _leaf(value, name, ())
        if not is_container:
            return value
    return _Reader(name).read(value)


def _where(name: str, path: tuple[str | int, ...]) -> str:
    text = name
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text if len(text) <= 120 else text[:117] + "..."


def _leaf(value: Any, name: str, path: tuple[str | int, ...]) -> tuple[Any, bool]:
    """(a plain value, False), or (a list, tuple or mapping still to be copied, True)."""
    if isinstance(value, str):
        plain = value if type(value) is str else str.__str__(value)
        if not plain.isascii():
            try:
                plain.encode()
            except UnicodeEncodeError:
                raise HostValueError(f"{_where(name, path)}: the text holds half of a surrogate pair") from None
        return plain, False
    if value is None or isinstance(value, bool):
        return value, False
    if isinstance(value, int):
        exact = int(value)
        return (exact if INT_MIN <= exact <= INT_MAX else _as_float(exact)), False
    if isinstance(value, float):
        return float(value), False
    if isinstance(value, Duration):
        return value, False
    if isinstance(value, (list, tuple, Mapping)):
        return value, True
    if isinstance(value, Provider):
        return _leaf(value.root(), name, path)
    return _foreign(value, name, path)


def _as_float(exact: int) -> float:
    try:
        return float(exact)
    except OverflowError:
        return float("inf") if exact > 0 else float("-inf")


def _foreign(value: Any, name: str, path: tuple[str | int, ...]) -> tuple[Any, bool]:
    """Values of libraries that need not be installed."""
    module = type(value).__module__
    if module == "numpy" and hasattr(value, "tolist"):
        return _leaf(value.tolist(), name, path)
    datetime = sys.modules.get("datetime")
    if datetime is not None and isinstance(value, datetime.timedelta):
        return Duration((value.days * 86_400 + value.seconds) * 1_000_000 + value.microseconds), False
    if hasattr(value, "__await__"):
        # A coroutine that nobody will run says so in a warning of its own unless it is closed.
        close = getattr(value, "close", None)
        if close is not None:
            close()
        raise HostValueError(f"{_where(name, path)}: an awaitable is no value; return it from the handler itself")
    raise HostValueError(f"{_where(name, path)}: {type(value).__qualname__} is no value of the language")


class _Reader:
    """One deep copy: an explicit stack, so that depth is bounded by `MAX_DEPTH` and not by Python's."""

    __slots__ = ("name", "copies", "alive", "left")

    def __init__(self, name: str) -> None:
        self.name = name
        # id of the host's list or map -> its copy once complete, None while it is being copied.
        self.copies: dict[int, Any] = {}
        # Parts made on the way by a mapping of the host must live as long as their ids are looked up.
        self.alive: list[Any] = []
        self.left = MAX_ENTRIES

    def read(self, root: Any) -> Any:
        top, iterator = self._open(root, ())
        stack = [(root, top, iterator)]
        path: list[str | int] = []
        while stack:
            source, made, entries = stack[-1]
            entered = None
            for key, item in entries:
                kind = type(item)
                if kind in _SIMPLE:
                    value = item
                else:
                    value, is_container = _leaf(item, self.name, (*path, key))
                    if is_container:
                        known = self.copies.get(id(value), self)
                        if known is None:
                            raise HostValueError(f"{_where(self.name, (*path, key))}: the value contains itself")
                        if known is self:
                            if len(stack) >= MAX_DEPTH:
                                raise HostValueError(f"{self.name}: nested deeper than {MAX_DEPTH} levels")
                            copy, rest = self._open(value, (*path, key))
                            entered = (value, copy, rest)
                            value = copy
                        else:
                            value = known
                if isinstance(made, list):
                    made.append(value)
                else:
                    made[key] = value
                if entered is not None:
                    path.append(key)
                    stack.append(entered)
                    break
            if entered is None:
                stack.pop()
                self.copies[id(source)] = made
                if path:
                    path.pop()
        return top

    def _open(self, source: Any, path: tuple[str | int, ...]) -> tuple[Any, Any]:
        """An empty copy and an iterator over (key, item) of a list, tuple or mapping."""
        self.copies[id(source)] = None
        self.alive.append(source)
        self.left -= len(source)
        if self.left < 0:
            raise HostValueError(f"{self.name}: more than {MAX_ENTRIES} elements")
        if isinstance(source, (list, tuple)):
            return [], enumerate(source)
        return {}, self._items(source, path)

    def _items(self, source: Mapping[Any, Any], path: tuple[str | int, ...]) -> Any:
        for key, item in source.items():
            if not isinstance(key, str):
                raise HostValueError(f"{_where(self.name, path)}: the key {_shown(key)} is not a text")
            yield _leaf(key, self.name, path)[0], item


def _shown(key: Any) -> str:
    text = f"{type(key).__qualname__} {key!r}" if isinstance(key, (int, float, bytes)) else type(key).__qualname__
    return text if len(text) <= 60 else text[:57] + "..."
