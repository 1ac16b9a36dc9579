"""`Node`: the base of all syntax nodes, a dataclass without the price at import.

Making a dataclass compiles code, half a millisecond each; eighty kinds of nodes
would cost more than the rest of a start. Here the code of a constructor is
made when a kind of node is built for the first time. Type checkers see dataclasses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, dataclass_transform

_REQUIRED: Any = object()


class Default:
    """What `field` gives: how to make the default of a field."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def field(*, default_factory: Callable[[], Any]) -> Any:
    """A field whose default is made anew for every node."""
    return Default(default_factory)


@dataclass_transform(eq_default=False, field_specifiers=(field,))
class Node:
    """Base of syntax nodes. A subclass lists its fields as annotations, with defaults as values.

    Class keyword `kw_only`: the constructor takes the fields by name only.
    """

    _defaults: dict[str, Any] = {}
    _kw_only = False

    def __init_subclass__(cls, *, kw_only: bool = False) -> None:
        names = cls.__dict__.get("__annotations__", {})
        defaults = dict(cls._defaults)
        for name in names:
            defaults[name] = cls.__dict__.get(name, _REQUIRED)
        cls._defaults = defaults
        cls._kw_only = kw_only

    def __init__(self, *args: Any, **values: Any) -> None:
        make = _constructor(type(self))
        type(self).__init__ = make  # type: ignore[method-assign]
        make(self, *args, **values)

    @classmethod
    def node_fields(cls) -> dict[str, Any]:
        """Field name -> default: a value, or a `Default`; `is_required` tells of fields without one."""
        return cls._defaults

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._defaults if name != "span")
        return f"{type(self).__name__}({inner})"


def is_required(default: Any) -> bool:
    """The field must be given."""
    return default is _REQUIRED


def _constructor(cls: type[Node]) -> Callable[..., None]:
    """Compile the constructor of a kind of node."""
    scope: dict[str, Any] = {}
    params = []
    body = []
    for name, default in cls.node_fields().items():
        if default is _REQUIRED:
            params.append(name)
            body.append(f"self.{name} = {name}")
            continue
        scope[f"_{name}"] = default
        params.append(f"{name}=_{name}")
        if isinstance(default, Default):
            scope[f"_make_{name}"] = default.make
            body.append(f"self.{name} = _make_{name}() if {name} is _{name} else {name}")
        else:
            body.append(f"self.{name} = {name}")
    star = ["*"] if cls._kw_only else []
    lines = "\n    ".join(body) or "pass"
    exec(f"def __init__({', '.join(['self', *star, *params])}):\n    {lines}", scope)
    made: Callable[..., None] = scope["__init__"]
    return made
