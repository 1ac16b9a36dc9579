"""Values as text: the conversion of interpolation and concatenation, and JSON."""

from __future__ import annotations

import re
from typing import Any

from .durations import Duration, duration_text
from .faults import MAX_TEXT, ValueFault
from .kinds import Provider, kind_of

_SPECIAL = re.compile('["\\\\\x00-\x1f\ud800-\udfff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"


def quote(text: str) -> str:
    """A JSON string literal; everything but controls and lone surrogates stays as it is."""
    return '"' + _SPECIAL.sub(_escape, text) + '"'


def float_text(value: float) -> str:
    """The text of a float: shortest digits that read back equal, without `.0`.

    Plain notation from 1e-5 up to 1e15, `d.ddde+XX` beyond; `NaN`, `Infinity`,
    `-Infinity`. Negative zero is `0`.
    """
    if value != value:
        return "NaN"
    magnitude = abs(value)
    if magnitude == float("inf"):
        return "Infinity" if value > 0 else "-Infinity"
    if magnitude < 1e15 and value == int(value):
        return str(int(value))
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = repr(magnitude).partition("e")
    whole, _, fraction = mantissa.partition(".")
    if fraction == "0":
        fraction = ""
    digits = (whole + fraction).lstrip("0")
    # The value is 0.digits * 10**point.
    point = len(whole) + int(exponent or "0")
    point -= len(whole + fraction) - len(digits)
    digits = digits.rstrip("0")
    if 1e-5 <= magnitude < 1e15:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{digits}"
        return f"{sign}{digits[:point]}.{digits[point:]}"
    power = point - 1
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _scalar_json(value: Any, strict: bool) -> str:
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        if strict and (value != value or value in (float("inf"), float("-inf"))):
            return "null"
        return float_text(value)
    if isinstance(value, Duration):
        return quote(duration_text(value))
    raise ValueFault("type_error", f"a {type(value).__name__} has no text")


def _write(root: Any, strict: bool, limit: int) -> str:
    """JSON of a list or map without recursion; a value inside itself is an error."""
    out: list[str] = []
    size = 0
    open_ids: set[int] = set()
    # Each entry: iterator over the rest, closing text, id, whether nothing was written yet.
    stack: list[list[Any]] = []
    value = root
    while True:
        if isinstance(value, Provider):
            value = value.root()
        if isinstance(value, (list, dict)):
            if id(value) in open_ids:
                raise ValueFault("limit_exceeded", "a value that contains itself has no text")
            open_ids.add(id(value))
            is_list = isinstance(value, list)
            piece = "[" if is_list else "{"
            items: Any = value if isinstance(value, list) else value.items()
            stack.append([iter(items), is_list, id(value), True])
        else:
            piece = _scalar_json(value, strict)
        out.append(piece)
        size += len(piece)
        while stack:
            top = stack[-1]
            item: Any = next(top[0], _END)
            if item is _END:
                out.append("]" if top[1] else "}")
                open_ids.discard(top[2])
                stack.pop()
                size += 1
                continue
            if top[3]:
                top[3] = False
            else:
                out.append(",")
                size += 1
            if top[1]:
                value = item
            else:
                piece = quote(item[0]) + ":"
                out.append(piece)
                size += len(piece)
                value = item[1]
            break
        if size > limit:
            raise ValueFault("limit_exceeded", f"the text of the value is longer than {limit} characters")
        if not stack:
            return "".join(out)


_END: Any = object()


def to_text(value: Any, null: str = "null", *, max_text: int = MAX_TEXT) -> str:
    """The text of a value; `null` is the text of a null at the top.

    Inside lists and maps null is always `null`.

    Raises:
        ValueFault: `limit_exceeded` when a list or map contains itself or its
            text is longer than `max_text` code points.
    """
    if isinstance(value, str):
        return value
    if value is None:
        return null
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return float_text(value)
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, Provider):
        return to_text(value.root(), null, max_text=max_text)
    return _write(value, False, max_text)


def to_json(value: Any, *, max_text: int = MAX_TEXT) -> str:
    """JSON without spaces; NaN and infinities are `null`, durations their text as a string.

    Raises:
        ValueFault: `limit_exceeded` as for `to_text`.
    """
    return _write(value, True, max_text)


def describe(value: Any) -> str:
    """A short text of a value for messages: its kind, and the value when it is short."""
    kind = kind_of(value)
    if kind in ("list", "map", "provider", "null"):
        return kind
    text = quote(value) if isinstance(value, str) else to_text(value)
    return f"{kind} {text if len(text) <= 40 else text[:37] + '...'}"
