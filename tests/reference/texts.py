"""Built-in functions on text, kinds and conversions."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from abml import values
from abml.values import Duration, ValueFault

from .arguments import bad, fits, maybe_text, number, text, whole
from .dates import tokens
from .expressions import Names, to_text
from .faults import ReferenceFault
from .numbers import half_away

Args = list[Any]


def f_length(args: Args, names: Names) -> Any:
    return len(args[0]) if isinstance(args[0], (str, list, dict)) else 0


def _texts(args: Args) -> list[str] | None:
    found = [maybe_text(arg) for arg in args]
    return None if any(item is None for item in found) else [item for item in found if item is not None]


def _one(args: Args, change: Callable[[str], str]) -> Any:
    found = _texts(args)
    return None if found is None else change(found[0])


def f_upper(args: Args, names: Names) -> Any:
    return _one(args, str.upper)


def f_lower(args: Args, names: Names) -> Any:
    return _one(args, str.lower)


def f_trim(args: Args, names: Names) -> Any:
    return _one(args, str.strip)


def f_capitalize(args: Args, names: Names) -> Any:
    return _one(args, lambda s: s[:1].upper() + s[1:])


def f_starts_with(args: Args, names: Names) -> Any:
    found = _texts(args)
    return found is not None and found[0].startswith(found[1])


def f_ends_with(args: Args, names: Names) -> Any:
    found = _texts(args)
    return found is not None and found[0].endswith(found[1])


def f_substring(args: Args, names: Names) -> Any:
    if args[0] is None:
        return None
    s = to_text(args[0])
    start = whole(args[1])
    if start < 0:
        start += len(s)
    start = min(max(start, 0), len(s))
    if len(args) < 3 or args[2] is None:
        return s[start:]
    return s[start : start + max(whole(args[2]), 0)]


def f_replace(args: Args, names: Names) -> Any:
    found = _texts(args)
    if found is None:
        return None
    s, old, new = found
    if not old:
        return s
    fits(len(s) + s.count(old) * (len(new) - len(old)), values.MAX_TEXT)
    return s.replace(old, new)


def f_split(args: Args, names: Names) -> Any:
    if args[0] is None:
        return []
    s, separator = text(args[0]), text(args[1])
    return s.split(separator) if separator else [s]


def f_join(args: Args, names: Names) -> Any:
    first, second = args
    if isinstance(first, list) or (first is None and not isinstance(second, list)):
        parts, separator = first, second
    elif isinstance(second, list) or second is None:
        parts, separator = second, first
    else:
        raise bad("join needs a list")
    joined = text(separator).join(text(part) for part in parts or [])
    fits(len(joined), values.MAX_TEXT)
    return joined


def f_repeat_text(args: Args, names: Names) -> Any:
    s, n = text(args[0]), whole(args[1])
    if n <= 0 or not s:
        return ""
    fits(len(s) * n, values.MAX_TEXT)
    return s * n


def _padding(args: Args) -> tuple[str, str]:
    s, n = text(args[0]), whole(args[1])
    fill = text(args[2]) if len(args) > 2 and args[2] is not None else " "
    missing = n - len(s)
    if missing <= 0 or not fill:
        return s, ""
    fits(n, values.MAX_TEXT)
    return s, (fill * missing)[:missing]


def f_pad_left(args: Args, names: Names) -> Any:
    s, padding = _padding(args)
    return padding + s


def f_pad_right(args: Args, names: Names) -> Any:
    s, padding = _padding(args)
    return s + padding


# -------------------------------------------------------------------- format


def fixed(x: int | float, digits: int, *, groups: bool = False) -> str:
    """Fixed notation, rounded half away from zero on the exact value."""
    if not math.isfinite(x):
        return values.float_text(float(x))
    exact = half_away(Fraction(x) * 10**digits)
    whole_part, rest = divmod(abs(exact), 10**digits)
    body = f"{whole_part:,}" if groups else str(whole_part)
    if digits:
        body += f".{rest:0{digits}d}"
    return "-" + body if exact < 0 else body


def _format_one(value: Any, spec: str) -> str:
    letter, digits_text = spec[:1].upper(), spec[1:]
    if digits_text and not (digits_text.isascii() and digits_text.isdigit()):
        raise bad(f"bad format '{spec}'")
    digits = int(digits_text) if len(digits_text) < 4 and digits_text else 0 if not digits_text else 1000
    x = number(value)
    if letter not in ("F", "N", "P", "D", "X") or x is None or digits > 100:
        raise bad(f"bad format '{spec}'")
    if letter in ("F", "N", "P") and not digits_text:
        digits = 2
    if letter == "F":
        return fixed(x, digits)
    if letter == "N":
        return fixed(x, digits, groups=True)
    if letter == "P":
        if not math.isfinite(x):
            return values.float_text(float(x)) + "%"
        # Scale the exact value, so that the hundred does not round first.
        return fixed_ratio(Fraction(x) * 100, digits) + "%"
    if not math.isfinite(x) or x != int(x):
        raise bad(f"'{spec}' needs an int")
    n = int(x)
    if letter == "D":
        return f"{'-' if n < 0 else ''}{abs(n):0{max(digits, 1)}d}"
    return f"{n & (2**64 - 1) if n < 0 else n:0{max(digits, 1)}X}"


def fixed_ratio(exact: Fraction, digits: int) -> str:
    """`fixed` of an exact ratio."""
    scaled = half_away(exact * 10**digits)
    whole_part, rest = divmod(abs(scaled), 10**digits)
    body = str(whole_part) + (f".{rest:0{digits}d}" if digits else "")
    return "-" + body if scaled < 0 else body


def f_format(args: Args, names: Names) -> Any:
    template = text(args[0])
    if len(args) == 1:
        return template
    out: list[str] = []
    position = 0
    while position < len(template):
        character = template[position]
        if template[position : position + 2] in ("{{", "}}"):
            out.append(character)
            position += 2
        elif character == "{":
            end = template.find("}", position)
            if end < 0:
                raise bad("a placeholder is not closed")
            place, colon, spec = template[position + 1 : end].partition(":")
            if not (place.isascii() and place.isdigit()) or len(place) > 4 or int(place) >= len(args) - 1:
                raise bad(f"no argument for '{{{place}}}'")
            value = args[1 + int(place)]
            out.append(_format_one(value, spec) if colon else to_text(value))
            position = end + 1
        elif character == "}":
            raise bad("a '}' without a placeholder")
        else:
            out.append(character)
            position += 1
    return "".join(out)


# --------------------------------------------------------------------- kinds


def f_type_of(args: Args, names: Names) -> Any:
    return values.type_of(args[0])


def f_kind_of(args: Args, names: Names) -> Any:
    return values.kind_of(args[0])


def f_is_null(args: Args, names: Names) -> Any:
    return args[0] is None


def f_is_number(args: Args, names: Names) -> Any:
    return isinstance(args[0], (int, float)) and not isinstance(args[0], bool)


def f_is_text(args: Args, names: Names) -> Any:
    return isinstance(args[0], str)


def f_is_list(args: Args, names: Names) -> Any:
    return isinstance(args[0], list)


def f_is_map(args: Args, names: Names) -> Any:
    return isinstance(args[0], dict)


def f_is_empty(args: Args, names: Names) -> Any:
    return args[0] is None or (isinstance(args[0], (str, list, dict)) and not args[0])


def f_to_string(args: Args, names: Names) -> Any:
    return to_text(args[0])


def f_to_number(args: Args, names: Names) -> Any:
    value = args[0]
    if isinstance(value, Duration):
        return value.micros / 1_000_000
    try:
        return values.num(value)
    except ValueFault:
        raise bad("not a number") from None


def f_to_int(args: Args, names: Names) -> Any:
    x = f_to_number(args, names)
    if isinstance(x, int) or not math.isfinite(x):
        return x
    exact = math.trunc(x)
    return exact if values.INT_MIN <= exact <= values.INT_MAX else float(exact)


def f_to_bool(args: Args, names: Names) -> Any:
    return values.truthy(args[0])


def f_parse_number(args: Args, names: Names) -> Any:
    try:
        return f_to_number(args[:1], names)
    except ReferenceFault:
        return args[1] if len(args) > 1 else None


def f_coalesce(args: Args, names: Names) -> Any:
    return next((arg for arg in args if arg is not None), None)


def f_if_else(args: Args, names: Names) -> Any:
    return args[1] if values.truthy(args[0]) else args[2]


def f_default(args: Args, names: Names) -> Any:
    return args[1] if args[0] is None else args[0]


# ---------------------------------------------------------------------- time


def f_now(args: Args, names: Names) -> Any:
    return names.machine.now_ms


def f_duration(args: Args, names: Names) -> Any:
    value = args[0]
    if isinstance(value, Duration):
        return value
    try:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return values.duration_from_seconds(value)
        if isinstance(value, str):
            seconds = number(value)
            return values.parse_duration(value) if seconds is None else values.duration_from_seconds(seconds)
    except ValueFault as fault:
        raise bad(fault.message) from None
    raise bad("neither a number nor a duration text")


def _micros(value: Any) -> int:
    if isinstance(value, Duration):
        return value.micros
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return values.duration_from_seconds(value).micros
        except ValueFault as fault:
            raise bad(fault.message) from None
    raise bad("not a duration")


def f_seconds(args: Args, names: Names) -> Any:
    if isinstance(args[0], (int, float)) and not isinstance(args[0], bool):
        return float(args[0])
    return _micros(args[0]) / 1_000_000


def f_millis(args: Args, names: Names) -> Any:
    micros = _micros(args[0])
    return -(-micros // 1000) if micros < 0 else micros // 1000


def f_format_date(args: Args, names: Names) -> Any:
    return tokens(whole(args[0]), text(args[1]))


def f_hash(args: Args, names: Names) -> Any:
    state = 0xCBF29CE484222325
    for byte in to_text(args[0]).encode("utf-8", "surrogatepass"):
        state = ((state ^ byte) * 0x100000001B3) & (2**64 - 1)
    return state - 2**64 if state >= 2**63 else state


def f_to_json(args: Args, names: Names) -> Any:
    return values.to_json(args[0])


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


def f_from_json(args: Args, names: Names) -> Any:
    if args[0] is None:
        return None
    try:
        return json.loads(text(args[0]), parse_int=_json_int, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise bad("not JSON") from None


def _json_int(digits: str) -> int | float:
    result = values.parse_number(digits)
    return 0 if result is None else result


def f_render(args: Args, names: Names) -> Any:
    from .templates import render_text

    return render_text(text(args[0]), names)


FUNCTIONS: dict[str, Callable[[Args, Names], Any]] = {
    name[2:]: function for name, function in list(globals().items()) if name.startswith("f_")
}
