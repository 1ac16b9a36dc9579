"""Template filters; what is not here is a built-in function with the value in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml import values
from abml.builtins import FILTERS
from abml.values import ValueFault

from .arguments import items, maybe_text, number, text, whole
from .dates import moment, named, read_iso, strftime
from .expressions import Names
from .faults import ReferenceFault
from .functions import call_builtin

Args = list[Any]


def _int_or(args: Args, place: int, default: int) -> int:
    return whole(args[place]) if len(args) > place and args[place] is not None else default


def _text_or(args: Args, place: int, default: str) -> str:
    return text(args[place]) if len(args) > place and args[place] is not None else default


def g_lstrip(args: Args, names: Names) -> Any:
    s = maybe_text(args[0])
    return None if s is None else s.lstrip()


def g_rstrip(args: Args, names: Names) -> Any:
    s = maybe_text(args[0])
    return None if s is None else s.rstrip()


def g_truncate(args: Args, names: Names) -> Any:
    s, n, end = text(args[0]), max(_int_or(args, 1, 50), 0), _text_or(args, 2, "...")
    if len(s) <= n:
        return s
    return (s[: max(n - len(end), 0)] + end)[:n]


def g_truncatewords(args: Args, names: Names) -> Any:
    s, n, end = text(args[0]), max(_int_or(args, 1, 15), 1), _text_or(args, 2, "...")
    words = s.split()
    return s if len(words) <= n else " ".join(words[:n]) + end


def g_default(args: Args, names: Names) -> Any:
    value = args[0]
    empty = value is None or value is False or (isinstance(value, (str, list, dict)) and not value)
    return args[1] if empty else value


def g_date(args: Args, names: Names) -> Any:
    value, form = args[0], text(args[1])
    when = None
    if isinstance(value, str):
        when = read_iso(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        try:
            when = moment(value)
        except ReferenceFault:
            when = None
    if when is None:
        names.machine.warn("template_error", "not a date")
        return value
    return strftime(when, form) if "%" in form else named(when, form)


def g_append(args: Args, names: Names) -> Any:
    return text(args[0]) + text(args[1])


def g_prepend(args: Args, names: Names) -> Any:
    return text(args[1]) + text(args[0])


def g_remove(args: Args, names: Names) -> Any:
    s, part = text(args[0]), text(args[1])
    return s.replace(part, "") if part else s


def g_replace(args: Args, names: Names) -> Any:
    s, old, new = text(args[0]), text(args[1]), text(args[2])
    return s.replace(old, new) if old else s


def g_replace_first(args: Args, names: Names) -> Any:
    s, old, new = text(args[0]), text(args[1]), text(args[2])
    return s.replace(old, new, 1) if old else s


def g_uniq(args: Args, names: Names) -> Any:
    return call_builtin("unique", args, names)


def g_compact(args: Args, names: Names) -> Any:
    return [element for element in items(args[0]) if element is not None]


def g_plus(args: Args, names: Names) -> Any:
    return values.add(args[0], args[1])


def g_minus(args: Args, names: Names) -> Any:
    return values.subtract(args[0], args[1])


def g_times(args: Args, names: Names) -> Any:
    return values.multiply(args[0], args[1])


def g_divided_by(args: Args, names: Names) -> Any:
    return values.divide(args[0], args[1])


def g_modulo(args: Args, names: Names) -> Any:
    return values.remainder(args[0], args[1])


def g_at_least(args: Args, names: Names) -> Any:
    return call_builtin("max", args, names)


def g_at_most(args: Args, names: Names) -> Any:
    return call_builtin("min", args, names)


_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def g_escape(args: Args, names: Names) -> Any:
    return "".join(_ENTITIES.get(character, character) for character in text(args[0]))


def g_newline_to_br(args: Args, names: Names) -> Any:
    return text(args[0]).replace("\r\n", "\n").replace("\n", "<br />\n")


def g_pluralize(args: Args, names: Names) -> Any:
    return args[1] if number(args[0]) == 1 else args[2]


def g_ordinal(args: Args, names: Names) -> Any:
    n = number(args[0])
    if n is None or n - n != 0 or n != int(n):
        return args[0]
    n = int(n)
    last = abs(n) % 100
    suffix = "th" if 11 <= last <= 13 else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th")
    return f"{n}{suffix}"


TABLE: dict[str, Callable[[Args, Names], Any]] = {
    name[2:]: function for name, function in list(globals().items()) if name.startswith("g_")
}


def apply_filter(name: str, value: Any, args: Args, names: Names) -> Any:
    """The filtered value.

    Raises:
        ReferenceFault: as functions do; the output around it becomes empty.
    """
    spec = FILTERS.get(name.lower())
    if spec is None:
        return call_builtin(name, [value, *args], names)
    if not spec.min_args <= len(args) <= spec.max_args:
        raise ReferenceFault("argument_error", f"wrong number of arguments for filter '{name}'")
    try:
        return TABLE[spec.name]([value, *args], names)
    except ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None
