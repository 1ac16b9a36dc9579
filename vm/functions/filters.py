"""The filters that only templates have, and those that differ there from the function of their name.

The filtered value is the first argument. Null is an empty text, but `lstrip`
and `rstrip` give null for it, as `trim` does.
"""

from __future__ import annotations

from typing import Any

from abml.values import add, divide, multiply, remainder, subtract

from .arguments import Context, Function, as_list, check_text, integer, number, text
from .collections import unique
from .dates import date
from .numbers import maximum, minimum
from .text import WHITESPACE, replace_text

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"})


def lstrip(ctx: Context, args: list[Any]) -> Any:
    """Without whitespace at the start."""
    return None if args[0] is None else text(ctx, args[0]).lstrip(WHITESPACE)


def rstrip(ctx: Context, args: list[Any]) -> Any:
    """Without whitespace at the end."""
    return None if args[0] is None else text(ctx, args[0]).rstrip(WHITESPACE)


def _cut(ctx: Context, name: str, args: list[Any], most: int) -> tuple[int, str]:
    if len(args) > 1 and args[1] is not None:
        most = integer(name, "n", args[1])
    return most, text(ctx, args[2], "...") if len(args) > 2 else "..."


def truncate(ctx: Context, args: list[Any]) -> Any:
    """At most n code points, the end mark included."""
    body = text(ctx, args[0])
    most, end = _cut(ctx, "truncate", args, 50)
    most = max(most, 0)
    if len(body) <= most:
        return body
    return body[: max(most - len(end), 0)] + end[:most]


def truncate_words(ctx: Context, args: list[Any]) -> Any:
    """At most n words (one at least), the end mark after the last one."""
    body = text(ctx, args[0])
    most, end = _cut(ctx, "truncatewords", args, 15)
    most = max(most, 1)
    words = body.split()
    if len(words) <= most:
        return body
    kept = " ".join(words[:most])
    check_text(ctx, "truncatewords", len(kept) + len(end))
    return kept + end


def default(ctx: Context, args: list[Any]) -> Any:
    """The argument for null, false and empty values."""
    x = args[0]
    is_blank = x is None or x is False or (isinstance(x, (str, list, dict)) and not x)
    return args[1] if is_blank else x


def append(ctx: Context, args: list[Any]) -> Any:
    """The text and then the argument."""
    joined = text(ctx, args[0]) + text(ctx, args[1])
    check_text(ctx, "append", len(joined))
    return joined


def prepend(ctx: Context, args: list[Any]) -> Any:
    """The argument and then the text."""
    joined = text(ctx, args[1]) + text(ctx, args[0])
    check_text(ctx, "prepend", len(joined))
    return joined


def remove(ctx: Context, args: list[Any]) -> Any:
    """Without every occurrence of a text."""
    return replace_text(ctx, "remove", text(ctx, args[0]), text(ctx, args[1]), "")


def replace(ctx: Context, args: list[Any]) -> Any:
    """Every occurrence of a text replaced."""
    return replace_text(ctx, "replace", text(ctx, args[0]), text(ctx, args[1]), text(ctx, args[2]))


def replace_first(ctx: Context, args: list[Any]) -> Any:
    """The first occurrence of a text replaced."""
    body, old, new = text(ctx, args[0]), text(ctx, args[1]), text(ctx, args[2])
    if not old:
        return body
    check_text(ctx, "replace_first", len(body) + len(new))
    return body.replace(old, new, 1)


def compact(ctx: Context, args: list[Any]) -> Any:
    """The list without nulls."""
    return [item for item in as_list("compact", args[0]) if item is not None]


def plus(ctx: Context, args: list[Any]) -> Any:
    """`value + n`."""
    return add(args[0], args[1], max_text=ctx.limits.max_text, max_list=ctx.limits.max_list)


def minus(ctx: Context, args: list[Any]) -> Any:
    """`value - n`."""
    return subtract(args[0], args[1])


def times(ctx: Context, args: list[Any]) -> Any:
    """`value * n`."""
    return multiply(args[0], args[1])


def divided_by(ctx: Context, args: list[Any]) -> Any:
    """`value / n`."""
    return divide(args[0], args[1])


def modulo(ctx: Context, args: list[Any]) -> Any:
    """`value % n`."""
    return remainder(args[0], args[1])


def at_least(ctx: Context, args: list[Any]) -> Any:
    """The larger of value and n."""
    return maximum(ctx, args)


def at_most(ctx: Context, args: list[Any]) -> Any:
    """The smaller of value and n."""
    return minimum(ctx, args)


def escape(ctx: Context, args: list[Any]) -> Any:
    """`& < > " '` as entities."""
    escaped = text(ctx, args[0]).translate(_ESCAPES)
    check_text(ctx, "escape", len(escaped))
    return escaped


def newline_to_br(ctx: Context, args: list[Any]) -> Any:
    """A `<br />` before each line break."""
    return replace_text(ctx, "newline_to_br", text(ctx, args[0]).replace("\r\n", "\n"), "\n", "<br />\n")


def pluralize(ctx: Context, args: list[Any]) -> Any:
    """The first argument when the value is 1, else the second."""
    return args[1] if number(args[0]) == 1 else args[2]


def ordinal(ctx: Context, args: list[Any]) -> Any:
    """`1st`, `2nd`, `3rd`, `4th`, ...; what is no integer comes out unchanged."""
    found = number(args[0])
    if found is None or (isinstance(found, float) and not found.is_integer()):
        return args[0]
    value = int(found)
    tens, ones = abs(value) // 10 % 10, abs(value) % 10
    ending = "th" if tens == 1 or not 1 <= ones <= 3 else ("st", "nd", "rd")[ones - 1]
    return f"{value}{ending}"


TABLE: dict[str, Function] = {
    "lstrip": lstrip,
    "rstrip": rstrip,
    "truncate": truncate,
    "truncatewords": truncate_words,
    "default": default,
    "date": date,
    "append": append,
    "prepend": prepend,
    "remove": remove,
    "replace": replace,
    "replace_first": replace_first,
    "uniq": unique,
    "compact": compact,
    "plus": plus,
    "minus": minus,
    "times": times,
    "divided_by": divided_by,
    "modulo": modulo,
    "at_least": at_least,
    "at_most": at_most,
    "escape": escape,
    "newline_to_br": newline_to_br,
    "pluralize": pluralize,
    "ordinal": ordinal,
}
