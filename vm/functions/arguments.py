"""What the built-in functions share: their context and the reading of arguments.

Every reader has a fast path for the exact types; messages are made only when
something is wrong, and name the function and the argument.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from abml.environment import Limits
from abml.values import (
    INT_MAX,
    INT_MIN,
    Provider,
    ValueFault,
    describe,
    index,
    member,
    parse_number,
    to_text,
)
from abml.vm.random import Random

BLANKS = " \t\r\n"


def _ignore(kind: str, message: str) -> None:
    """The warning hook of a context that nobody listens to."""


def _no_templates(text: str) -> str:
    raise ValueFault("template_error", "render: templates are not available here")


class Context:
    """What a built-in function sees besides its arguments. One per instance, reused by every call.

    Attributes:
        random: the generator of the instance.
        now_ms: the VM clock in milliseconds; the VM sets it at the start of a tick.
        limits: bounds of texts, lists and maps.
        warn: called with an error kind and a message for what is only logged.
        render: evaluates a template text against the visible names.
    """

    __slots__ = ("random", "now_ms", "limits", "warn", "render")

    def __init__(
        self,
        random: Random | None = None,
        now_ms: int = 0,
        limits: Limits | None = None,
        warn: Callable[[str, str], None] = _ignore,
        render: Callable[[str], str] = _no_templates,
    ) -> None:
        self.random = random if random is not None else Random(0)
        self.now_ms = now_ms
        self.limits = limits if limits is not None else Limits()
        self.warn = warn
        self.render = render


Function = Callable[[Context, list[Any]], Any]


def bad(name: str, message: str) -> NoReturn:
    """Raise `argument_error` of a function."""
    raise ValueFault("argument_error", f"{name}: {message}")


def limit(name: str, what: str, most: int) -> NoReturn:
    """Raise `limit_exceeded` of a function."""
    raise ValueFault("limit_exceeded", f"{name}: the result would have more than {most} {what}")


def check_text(ctx: Context, name: str, length: int) -> None:
    """Refuse a text of that many code points before it is built."""
    if length > ctx.limits.max_text:
        limit(name, "characters", ctx.limits.max_text)


def check_list(ctx: Context, name: str, length: int) -> None:
    """Refuse a list of that many elements before it is built."""
    if length > ctx.limits.max_list:
        limit(name, "elements", ctx.limits.max_list)


def check_map(ctx: Context, name: str, length: int) -> None:
    """Refuse a map of that many entries."""
    if length > ctx.limits.max_map:
        limit(name, "entries", ctx.limits.max_map)


def wrap(value: int | float) -> int | float:
    """A numeric result: ints beyond the int range become floats."""
    if type(value) is int and not INT_MIN <= value <= INT_MAX:
        return float(value)
    return value


def number(x: Any) -> int | float | None:
    """A numeric argument, or None when it is null or not numeric.

    Booleans count as in arithmetic (1 and 0), texts when they spell a number.
    """
    kind = type(x)
    if kind is float or kind is int:
        return x  # type: ignore[no-any-return]
    if kind is str:
        return parse_number(x.strip(BLANKS))
    if isinstance(x, int):
        return int(x)
    return float(x) if isinstance(x, float) else None


def integer(name: str, which: str, x: Any) -> int:
    """An argument that is an integer; any other finite number loses its fraction.

    Raises:
        ValueFault: `argument_error`.
    """
    if type(x) is int:
        return x
    value = number(x)
    # The difference is NaN for the infinities and NaN.
    if value is None or value - value != 0:
        bad(name, f"{which} must be an integer, got {describe(x)}")
    return int(value)


def text(ctx: Context, x: Any, null: str = "") -> str:
    """An argument as text, bounded by the text limit; null as given."""
    if type(x) is str:
        return x
    return to_text(x, null, max_text=ctx.limits.max_text)


def as_list(name: str, x: Any, which: str = "the first argument") -> list[Any]:
    """A *list?* argument: null is an empty list.

    Raises:
        ValueFault: `argument_error` for anything else that is no list.
    """
    if isinstance(x, list):
        return x
    if x is None:
        return []
    if isinstance(x, Provider):
        return as_list(name, x.root(), which)
    bad(name, f"{which} must be a list, got {describe(x)}")


def split_path(path: str) -> tuple[str, ...]:
    """The steps of a dotted property path; the empty text has none."""
    return tuple(path.split(".")) if path else ()


def step(x: Any, name: str) -> Any:
    """One step of a property path: as `x.name`, `x[7]` for digits, and null stays null."""
    if type(x) is dict:
        found = x.get(name)
        if found is not None or name in x:
            return found
    if x is None:
        return None
    if name.isascii() and name.isdigit() and not isinstance(x, dict):
        # More digits than an index can have; Python limits the digits it reads.
        return index(x, int(name)) if len(name) < 19 else None
    return member(x, name)


def follow(x: Any, steps: tuple[str, ...]) -> Any:
    """The value at a property path; null as soon as a step is null."""
    for name in steps:
        if x is None:
            return None
        x = step(x, name)
    return x


def property_keys(name: str, items: list[Any], path: Any, which: str = "the second argument") -> list[Any]:
    """The value at a property path for each element.

    Raises:
        ValueFault: `argument_error` when `path` is no text.
    """
    if not isinstance(path, str):
        bad(name, f"{which} must be a function or the text of a property path, got {describe(path)}")
    steps = split_path(path)
    if len(steps) == 1:
        only = steps[0]
        return [step(item, only) for item in items]
    return [follow(item, steps) for item in items]
