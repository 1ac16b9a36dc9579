"""Kinds of values: their names, truthiness, and the base class of providers."""

from __future__ import annotations

from typing import Any

from .durations import Duration


class Provider:
    """Base of opaque, read-only roots that the host implements."""

    __slots__ = ()

    def root(self) -> Any:
        """The plain value the provider stands for when it is used without a path."""
        raise NotImplementedError


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    float: "float",
    str: "string",
    Duration: "duration",
    list: "list",
    dict: "map",
}
_TYPES = {
    "null": "null",
    "bool": "boolean",
    "int": "number",
    "float": "number",
    "string": "string",
    "duration": "duration",
    "list": "array",
    "map": "object",
    "provider": "object",
}


def kind_of(value: Any) -> str:
    """`null bool int float string duration list map provider`."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    # Subclasses (an IntEnum the host passed, an OrderedDict) count as their base.
    for base in (bool, int, float, str, list, dict):
        if isinstance(value, base):
            return _KINDS[base]
    return "provider"


def type_of(value: Any) -> str:
    """`null boolean number string duration array object`."""
    return _TYPES[kind_of(value)]


def truthy(value: Any) -> bool:
    """False for null, false, zero of any kind and everything empty; true for the rest."""
    if value is None:
        return False
    if isinstance(value, (bool, int, float, str, list, dict)):
        return bool(value)
    return not isinstance(value, Duration) or value.micros != 0
