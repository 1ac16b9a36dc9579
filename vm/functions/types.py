"""Built-in functions about kinds of values: tests, conversions, choices, JSON, hashing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from abml.values import describe, kind_of, to_json, truthy, type_of, wrap_int
from abml.vm.random import hash_text

from .arguments import Context, Function, bad, check_list, check_map, check_text, integer, text
from .numbers import read_number, truncate

MAX_JSON_DEPTH = 100
"""Nesting of lists and maps that `from_json` reads."""

# Strings are skipped, brackets counted; a string that never ends is the parser's to report.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def type_name(ctx: Context, args: list[Any]) -> Any:
    """`type_of(x)`."""
    return type_of(args[0])


def kind_name(ctx: Context, args: list[Any]) -> Any:
    """`kind_of(x)`."""
    return kind_of(args[0])


def is_null(ctx: Context, args: list[Any]) -> Any:
    """`is_null(x)`."""
    return args[0] is None


def is_number(ctx: Context, args: list[Any]) -> Any:
    """`is_number(x)`: an int or a float."""
    return isinstance(args[0], (int, float)) and not isinstance(args[0], bool)


def is_text(ctx: Context, args: list[Any]) -> Any:
    """`is_text(x)`."""
    return isinstance(args[0], str)


def is_list(ctx: Context, args: list[Any]) -> Any:
    """`is_list(x)`."""
    return isinstance(args[0], list)


def is_map(ctx: Context, args: list[Any]) -> Any:
    """`is_map(x)`."""
    return isinstance(args[0], dict)


def is_empty(ctx: Context, args: list[Any]) -> Any:
    """`is_empty(x)`: true for null and for an empty text, list or map only."""
    x = args[0]
    return x is None or (isinstance(x, (str, list, dict)) and not x)


def to_string(ctx: Context, args: list[Any]) -> Any:
    """`to_string(x)`."""
    return text(ctx, args[0], "null")


def _number_of(name: str, x: Any) -> int | float:
    value = read_number(x)
    if value is None:
        bad(name, f"{describe(x)} is not a number")
    return value


def to_number(ctx: Context, args: list[Any]) -> Any:
    """`to_number(x)`: null 0, booleans 1 and 0, durations their seconds."""
    return _number_of("to_number", args[0])


def to_int(ctx: Context, args: list[Any]) -> Any:
    """`to_int(x)`: `to_number`, then without the fraction."""
    return truncate(_number_of("to_int", args[0]))


def to_bool(ctx: Context, args: list[Any]) -> Any:
    """`to_bool(x)`: truthiness."""
    return truthy(args[0])


def parse_number(ctx: Context, args: list[Any]) -> Any:
    """`parse_number(s, fallback = null)`."""
    value = read_number(args[0])
    if value is None:
        return args[1] if len(args) > 1 else None
    return value


def coalesce(ctx: Context, args: list[Any]) -> Any:
    """`coalesce(a, ...)`: the first that is not null."""
    for arg in args:
        if arg is not None:
            return arg
    return None


def if_else(ctx: Context, args: list[Any]) -> Any:
    """`if_else(c, a, b)`."""
    return args[1] if truthy(args[0]) else args[2]


def default(ctx: Context, args: list[Any]) -> Any:
    """`default(x, d)`."""
    return args[1] if args[0] is None else args[0]


def hash_value(ctx: Context, args: list[Any]) -> Any:
    """`hash(x)`: FNV-1a 64 of the text form, signed."""
    return hash_text(text(ctx, args[0], "null"))


def to_json_text(ctx: Context, args: list[Any]) -> Any:
    """`to_json(x)`."""
    body = to_json(args[0], max_text=ctx.limits.max_text)
    check_text(ctx, "to_json", len(body))
    return body


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _json_int(digits: str) -> int | float:
    # Python refuses to read integers of thousands of digits; a float reads any length.
    return wrap_int(int(digits)) if len(digits) < 320 else float(digits)


@cache
def _decoder() -> Callable[[str], Any]:
    # Few programs read JSON, and the import is not free.
    from json import JSONDecoder

    return JSONDecoder(parse_int=_json_int, parse_constant=_no_constant).decode


def _json_depth(body: str) -> int:
    depth = deepest = 0
    for match in _BRACKETS.finditer(body):
        character = body[match.start()]
        if character == "[" or character == "{":
            depth += 1
            if depth > deepest:
                deepest = depth
        elif character != '"':
            depth -= 1
    return deepest


def from_json(ctx: Context, args: list[Any]) -> Any:
    """`from_json(s)`: null for null; strict JSON, at most `MAX_JSON_DEPTH` lists and maps inside each other."""
    if args[0] is None:
        return None
    body = text(ctx, args[0])
    # Few brackets cannot nest deep; the exact count is taken of the others only.
    if body.count("[") + body.count("{") > MAX_JSON_DEPTH and _json_depth(body) > MAX_JSON_DEPTH:
        bad("from_json", f"the text nests deeper than {MAX_JSON_DEPTH} levels")
    try:
        value = _decoder()(body)
    except (ValueError, RecursionError) as error:
        bad("from_json", f"malformed JSON: {str(error)[:120]}")
    if isinstance(value, (str, list, dict)):
        _check_json(ctx, value, may_have_surrogates="\\u" in body)
    return value


def _check_json(ctx: Context, root: Any, *, may_have_surrogates: bool) -> None:
    """Limits of what was read, and no half of a surrogate pair, which no text may hold."""
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            check_list(ctx, "from_json", len(value))
            pending.extend(value)
        elif isinstance(value, dict):
            check_map(ctx, "from_json", len(value))
            pending.extend(value.values())
            if may_have_surrogates:
                pending.extend(value)
        elif may_have_surrogates and isinstance(value, str) and not is_unicode(value):
            bad("from_json", "the text holds half of a surrogate pair")


def is_unicode(body: str) -> bool:
    """Whether every code point is a Unicode scalar value (none is a lone surrogate)."""
    if body.isascii():
        return True
    try:
        body.encode()
    except UnicodeEncodeError:
        return False
    return True


def render(ctx: Context, args: list[Any]) -> Any:
    """`render(t)`: the template evaluated against the visible names."""
    return ctx.render(text(ctx, args[0]))


def make_list(ctx: Context, args: list[Any]) -> Any:
    """`list(a, ...)`."""
    return list(args)


def make_map(ctx: Context, args: list[Any]) -> Any:
    """`dict(k1, v1, ...)`."""
    if len(args) % 2:
        bad("dict", f"needs keys and values in pairs, got {len(args)} arguments")
    made: dict[str, Any] = {}
    for at in range(0, len(args), 2):
        key = args[at]
        if not isinstance(key, str):
            bad("dict", f"a key must be a text, got {describe(key)}")
        made[key] = args[at + 1]
    return made


def make_range(ctx: Context, args: list[Any]) -> Any:
    """`range(n)`, `range(a, b, step = 1)`: ints, the end excluded."""
    if len(args) == 1:
        numbers = range(integer("range", "n", args[0]))
    else:
        step = 1 if len(args) < 3 else integer("range", "step", args[2])
        if step == 0:
            bad("range", "step must not be 0")
        numbers = range(integer("range", "the start", args[0]), integer("range", "the end", args[1]), step)
    # `len` of a range is limited to the size of a C integer, subtraction is not.
    first, last, stride = numbers.start, numbers.stop, numbers.step
    check_list(ctx, "range", max(0, -((first - last) // stride)))
    return list(numbers)


TABLE: dict[str, Function] = {
    "type_of": type_name,
    "kind_of": kind_name,
    "is_null": is_null,
    "is_number": is_number,
    "is_text": is_text,
    "is_list": is_list,
    "is_map": is_map,
    "is_empty": is_empty,
    "to_string": to_string,
    "to_number": to_number,
    "to_int": to_int,
    "to_bool": to_bool,
    "parse_number": parse_number,
    "coalesce": coalesce,
    "if_else": if_else,
    "default": default,
    "hash": hash_value,
    "to_json": to_json_text,
    "from_json": from_json,
    "render": render,
    "list": make_list,
    "dict": make_map,
    "range": make_range,
}
