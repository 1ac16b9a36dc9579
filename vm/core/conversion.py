"""Conversion to declared types: lossless or not at all (language 3.1).

Types come as text, as `type:` spells them after normalisation: `int`,
`list<float>`, `map<string,int>?`, `enum(calm, brisk)`. Unknown names (imported
from schemas) admit every value. `duration_ms` is a duration whose bare numbers
are milliseconds; actions use it for such parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from abml.values import (
    INT_MAX,
    INT_MIN,
    Duration,
    ValueFault,
    duration_from_seconds,
    parse_duration,
    parse_number,
    to_text,
)

Result = tuple[Any, bool]


def convert(value: Any, type_text: str) -> Result:
    """(converted value, True) when the value fits the type without loss, else (value, False).

    Null fits every type but an enum without `?`.
    """
    name, arguments, is_optional = _parse(type_text)
    if value is None:
        return None, name != "enum" or is_optional
    handler = _CONVERTERS.get(name)
    return (value, True) if handler is None else handler(value, arguments)


@lru_cache(maxsize=512)
def _parse(text: str) -> tuple[str, tuple[str, ...], bool]:
    """(name, arguments, whether `?` follows)."""
    text = text.strip()
    is_optional = text.endswith("?")
    if is_optional:
        text = text[:-1].rstrip()
    for opening, closing in (("<", ">"), ("(", ")")):
        at = text.find(opening)
        if at > 0 and text.endswith(closing):
            return text[:at].strip(), tuple(_split(text[at + 1 : -1])), is_optional
    return text, (), is_optional


def _split(text: str) -> list[str]:
    """Arguments at the outermost commas."""
    parts, depth, start = [], 0, 0
    for i, character in enumerate(text):
        if character in "<(":
            depth += 1
        elif character in ">)":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    parts.append(text[start:].strip())
    return parts


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _to_int(value: Any, arguments: tuple[str, ...]) -> Result:
    if isinstance(value, str):
        number = parse_number(value.strip(" \t\r\n"))
        if number is None:
            return value, False
        converted, fits = _to_int(number, ())
        return (converted, True) if fits else (value, False)
    if not _is_number(value):
        return value, False
    if isinstance(value, int):
        return value, True
    fits = value.is_integer() and INT_MIN <= value <= INT_MAX
    return (int(value), True) if fits else (value, False)


def _to_float(value: Any, arguments: tuple[str, ...]) -> Result:
    if isinstance(value, str):
        number = parse_number(value.strip(" \t\r\n"))
        if number is None:
            return value, False
        converted, fits = _to_float(number, ())
        return (converted, True) if fits else (value, False)
    if not _is_number(value):
        return value, False
    if isinstance(value, float):
        return value, True
    return (float(value), True) if float(value) == value else (value, False)


def _to_bool(value: Any, arguments: tuple[str, ...]) -> Result:
    if isinstance(value, bool):
        return value, True
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true", True
    if _is_number(value) and value in (0, 1):
        return value == 1, True
    return value, False


def _to_string(value: Any, arguments: tuple[str, ...]) -> Result:
    if isinstance(value, str):
        return value, True
    if isinstance(value, list | dict):
        return value, False
    return to_text(value), True


def _to_duration(value: Any, arguments: tuple[str, ...], scale: float = 1.0) -> Result:
    if isinstance(value, Duration):
        return value, True
    try:
        if isinstance(value, str):
            number = parse_number(value.strip(" \t\r\n"))
            if number is None:
                return parse_duration(value), True
            value = number
        if _is_number(value) and value >= 0:
            return duration_from_seconds(value * scale if scale != 1.0 else value), True
    except ValueFault:
        return value, False
    return value, False


def _to_duration_ms(value: Any, arguments: tuple[str, ...]) -> Result:
    return _to_duration(value, arguments, 0.001)


def _to_list(value: Any, arguments: tuple[str, ...]) -> Result:
    if not isinstance(value, list):
        return value, False
    if not arguments or arguments[0] == "any":
        return value, True
    results = [convert(item, arguments[0]) for item in value]
    if not all(fits for _, fits in results):
        return value, False
    if all(new is old for (new, _), old in zip(results, value, strict=True)):
        return value, True
    return [new for new, _ in results], True


def _to_map(value: Any, arguments: tuple[str, ...]) -> Result:
    if not isinstance(value, dict):
        return value, False
    if len(arguments) < 2 or arguments[1] == "any":
        return value, True
    results = {key: convert(item, arguments[1]) for key, item in value.items()}
    if not all(fits for _, fits in results.values()):
        return value, False
    if all(new is value[key] for key, (new, _) in results.items()):
        return value, True
    return {key: new for key, (new, _) in results.items()}, True


def _to_enum(value: Any, arguments: tuple[str, ...]) -> Result:
    return value, isinstance(value, str) and value in arguments


def _to_entity(value: Any, arguments: tuple[str, ...]) -> Result:
    return value, isinstance(value, str) or (isinstance(value, dict) and "id" in value)


def _to_vector(value: Any, arguments: tuple[str, ...]) -> Result:
    if isinstance(value, list):
        return value, len(value) == 3 and all(_is_number(item) for item in value)
    return value, isinstance(value, dict) and all(_is_number(value.get(axis)) for axis in ("x", "y", "z"))


def _to_null(value: Any, arguments: tuple[str, ...]) -> Result:
    return value, value is None


_CONVERTERS = {
    "null": _to_null,
    "bool": _to_bool,
    "int": _to_int,
    "timestamp": _to_int,
    "float": _to_float,
    "string": _to_string,
    "duration": _to_duration,
    "duration_ms": _to_duration_ms,
    "list": _to_list,
    "map": _to_map,
    "object": _to_map,
    "enum": _to_enum,
    "entity_ref": _to_entity,
    "vector3": _to_vector,
}
