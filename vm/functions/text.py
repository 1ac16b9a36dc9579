"""Built-in functions over text. Places marked *s?* in the reference give null for null."""

from __future__ import annotations

import re
from typing import Any

from abml.values import describe, float_text, round_ratio

from .arguments import Context, Function, bad, check_list, check_text, integer, number, text

# The characters with the Unicode property White_Space. Python's own `strip()`
# also takes the separators U+001C to U+001F.
WHITESPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f"
    "\u205f\u3000"
)

_PLACE = re.compile(r"\{\{|\}\}|\{([0-9]{1,4})(?::([^{}]*))?\}|[{}]")
_SPEC = re.compile(r"([FNPDX])([0-9]{1,3})?", re.IGNORECASE)
_MAX_DIGITS = 100


def length(ctx: Context, args: list[Any]) -> Any:
    """`length(x)`: code points, elements or entries; 0 for null and scalars."""
    x = args[0]
    return len(x) if isinstance(x, (str, list, dict)) else 0


def upper(ctx: Context, args: list[Any]) -> Any:
    """`upper(s)`."""
    return None if args[0] is None else _grown(ctx, "upper", text(ctx, args[0]).upper())


def lower(ctx: Context, args: list[Any]) -> Any:
    """`lower(s)`."""
    return None if args[0] is None else _grown(ctx, "lower", text(ctx, args[0]).lower())


def trim(ctx: Context, args: list[Any]) -> Any:
    """`trim(s)`: without Unicode whitespace at both ends."""
    return None if args[0] is None else text(ctx, args[0]).strip(WHITESPACE)


def capitalize(ctx: Context, args: list[Any]) -> Any:
    """`capitalize(s)`: the first code point upper, the rest unchanged."""
    if args[0] is None:
        return None
    body = text(ctx, args[0])
    return _grown(ctx, "capitalize", body[:1].upper() + body[1:])


def _grown(ctx: Context, name: str, result: str) -> str:
    """A text in other letters, of which some are two: the capitals of `ß` are `SS`."""
    check_text(ctx, name, len(result))
    return result


def starts_with(ctx: Context, args: list[Any]) -> Any:
    """`starts_with(s, t)`; false when one is null."""
    if args[0] is None or args[1] is None:
        return False
    return text(ctx, args[0]).startswith(text(ctx, args[1]))


def ends_with(ctx: Context, args: list[Any]) -> Any:
    """`ends_with(s, t)`; false when one is null."""
    if args[0] is None or args[1] is None:
        return False
    return text(ctx, args[0]).endswith(text(ctx, args[1]))


def substring(ctx: Context, args: list[Any]) -> Any:
    """`substring(s, start, length = to the end)`: a negative start counts from the end; clipped."""
    if args[0] is None:
        return None
    body = text(ctx, args[0])
    start = integer("substring", "start", args[1])
    if start < 0:
        start = max(start + len(body), 0)
    if len(args) < 3 or args[2] is None:
        return body[start:]
    return body[start : start + max(integer("substring", "length", args[2]), 0)]


def replace(ctx: Context, args: list[Any]) -> Any:
    """`replace(s, from, to)`: every occurrence."""
    if args[0] is None or args[1] is None or args[2] is None:
        return None
    return replace_text(ctx, "replace", text(ctx, args[0]), text(ctx, args[1]), text(ctx, args[2]))


def replace_text(ctx: Context, name: str, body: str, old: str, new: str) -> str:
    """Every occurrence of a text replaced; an empty one is found nowhere."""
    if not old:
        return body
    growth = len(new) - len(old)
    if growth > 0:
        found = body.count(old)
        if found == 0:
            return body
        check_text(ctx, name, len(body) + found * growth)
    return body.replace(old, new)


def split(ctx: Context, args: list[Any]) -> Any:
    """`split(s, sep)`: null gives an empty list, an empty separator a list of one."""
    if args[0] is None:
        return []
    body, separator = text(ctx, args[0]), text(ctx, args[1])
    if not separator:
        return [body]
    # Only a long text can have too many parts.
    if len(body) >= ctx.limits.max_list:
        check_list(ctx, "split", body.count(separator) + 1)
    return body.split(separator)


def join(ctx: Context, args: list[Any]) -> Any:
    """`join(list, sep)` or `join(sep, list)`; null elements are empty, a null list gives an empty text."""
    items, separator = args
    if not isinstance(items, list) and (items is not None or isinstance(separator, list)):
        items, separator = separator, items
    if items is None:
        return ""
    if not isinstance(items, list):
        bad("join", f"needs a list, got {describe(separator)} and {describe(items)}")
    return join_text(ctx, "join", items, text(ctx, separator))


def join_text(ctx: Context, name: str, items: list[Any], separator: str) -> str:
    """The texts of elements with a separator between them."""
    parts: list[str] = []
    size = len(separator) * max(len(items) - 1, 0)
    most = ctx.limits.max_text
    for item in items:
        part = text(ctx, item)
        size += len(part)
        if size > most:
            check_text(ctx, name, size)
        parts.append(part)
    # A separator alone can be too much, with all elements empty.
    check_text(ctx, name, size)
    return separator.join(parts)


def repeat_text(ctx: Context, args: list[Any]) -> Any:
    """`repeat_text(s, n)`: empty for n <= 0."""
    body, times = text(ctx, args[0]), integer("repeat_text", "n", args[1])
    # Python cannot repeat even the empty text more often than an index counts.
    if times <= 0 or not body:
        return ""
    check_text(ctx, "repeat_text", len(body) * times)
    return body * times


def _padding(ctx: Context, name: str, args: list[Any]) -> tuple[str, str]:
    """The text and what is missing of the width, made of the fill as often as it takes."""
    body, width = text(ctx, args[0]), integer(name, "n", args[1])
    fill = " " if len(args) < 3 or args[2] is None else text(ctx, args[2])
    missing = width - len(body)
    if missing <= 0 or not fill:
        return body, ""
    check_text(ctx, name, width)
    return body, fill * missing if len(fill) == 1 else (fill * (missing // len(fill) + 1))[:missing]


def pad_left(ctx: Context, args: list[Any]) -> Any:
    """`pad_left(s, n, c = ' ')`: at least n code points, filled at the left."""
    body, fill = _padding(ctx, "pad_left", args)
    return fill + body


def pad_right(ctx: Context, args: list[Any]) -> Any:
    """`pad_right(s, n, c = ' ')`: at least n code points, filled at the right."""
    body, fill = _padding(ctx, "pad_right", args)
    return body + fill


def fixed(value: int | float, digits: int, *, grouped: bool = False, times: int = 1) -> str:
    """A number (times an int) with that many decimals, rounded half away from zero on its exact value.

    Not finite numbers give `NaN`, `Infinity`, `-Infinity`. A result of zero has no sign.
    """
    if value - value != 0:
        return float_text(value)
    numerator, denominator = value.as_integer_ratio()
    scaled = round_ratio(numerator * times * 10**digits, denominator)
    sign = "-" if scaled < 0 else ""
    whole, fraction = divmod(abs(scaled), 10**digits)
    body = f"{whole:,}" if grouped else str(whole)
    return f"{sign}{body}.{fraction:0{digits}d}" if digits else sign + body


def _formatted(position: str, spec: str, x: Any) -> str:
    match = _SPEC.fullmatch(spec)
    if match is None or int(match.group(2) or "0") > _MAX_DIGITS:
        bad("format", f"'{spec[:20]}' is no format (F2, N0, P1, D3 or X)")
    value = number(x)
    if value is None:
        bad("format", f"{{{position}:{spec}}} needs a number, got {describe(x)}")
    form = match.group(1).upper()
    if form in "DX":
        if isinstance(value, float) and not value.is_integer():
            bad("format", f"{{{position}:{spec}}} needs an integer, got {describe(x)}")
        whole, width = int(value), int(match.group(2) or "1")
        if form == "X":
            # Negative numbers show the bits of their 64-bit form.
            return f"{whole & 0xFFFF_FFFF_FFFF_FFFF if whole < 0 else whole:0{width}X}"
        return f"{'-' if whole < 0 else ''}{abs(whole):0{width}d}"
    digits = int(match.group(2) or "2")
    if form == "P":
        return fixed(value, digits, times=100) + "%"
    return fixed(value, digits, grouped=form == "N")


def format_text(ctx: Context, args: list[Any]) -> Any:
    """`format(f, a0, ...)`: placeholders `{i}` and `{i:SPEC}`; `format(f)` alone is f unchanged."""
    pattern = text(ctx, args[0])
    if len(args) == 1:
        return pattern
    parts: list[str] = []
    last = size = 0
    for match in _PLACE.finditer(pattern):
        literal = pattern[last : match.start()]
        last = match.end()
        token = match.group()
        if token == "{{" or token == "}}":
            part = token[0]
        else:
            position = match.group(1)
            if position is None:
                bad("format", f"'{token}' at {match.start()} is not part of a placeholder; write '{token * 2}'")
            at = int(position) + 1
            if at >= len(args):
                bad("format", f"there is no argument for {{{position}}}")
            spec = match.group(2)
            part = text(ctx, args[at], "null") if spec is None else _formatted(position, spec, args[at])
        parts.append(literal)
        parts.append(part)
        size += len(literal) + len(part)
        check_text(ctx, "format", size)
    parts.append(pattern[last:])
    check_text(ctx, "format", size + len(pattern) - last)
    return "".join(parts)


TABLE: dict[str, Function] = {
    "length": length,
    "upper": upper,
    "lower": lower,
    "trim": trim,
    "capitalize": capitalize,
    "starts_with": starts_with,
    "ends_with": ends_with,
    "substring": substring,
    "replace": replace,
    "split": split,
    "join": join,
    "repeat_text": repeat_text,
    "pad_left": pad_left,
    "pad_right": pad_right,
    "format": format_text,
}
