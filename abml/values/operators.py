"""The normative operators on plain values: arithmetic, comparison, membership, access.

They define what every faster path must give. Values are None, bool, int,
float, str, `Duration`, list and dict with text keys.
"""

from __future__ import annotations

import math
import re
from typing import Any

from .durations import Duration, scale_micros, seconds_to_micros
from .faults import INT_MAX, INT_MIN, MAX_LIST, MAX_TEXT, ValueFault
from .kinds import Provider
from .text import describe, to_text

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_BLANKS = " \t\r\n"


def wrap_int(exact: int) -> int | float:
    """An integer result: itself inside the int range, else the float nearest to it (or an infinity)."""
    if INT_MIN <= exact <= INT_MAX:
        return exact
    try:
        return float(exact)
    except OverflowError:
        return math.inf if exact > 0 else -math.inf


def parse_number(text: str) -> int | float | None:
    """The number a text spells by the one number grammar of the language, or None.

    No blanks around it, no leading `+` or zeros. An int outside the int range
    becomes a float.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    if match.group(1) is not None or match.group(2) is not None:
        return float(text)
    # Python refuses to read integers of thousands of digits; a float reads any length.
    return wrap_int(int(text)) if len(text) < 320 else float(text)


def num(value: Any) -> int | float:
    """The number an arithmetic operator sees.

    Raises:
        ValueFault: `type_error` for texts that are no number, durations, lists and maps.
    """
    if value is None:
        return 0
    if isinstance(value, bool):
        return 1 if value else 0
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        number = parse_number(value.strip(_BLANKS))
        if number is not None:
            return number
    raise ValueFault("type_error", f"expected a number, got {describe(value)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _result(value: int | float) -> int | float:
    return wrap_int(value) if isinstance(value, int) else value


def _shift(a: Any, b: Any, sign: int) -> Duration | None:
    """`a + sign * b` when durations take part and the other side is a number, else None."""
    if isinstance(a, Duration):
        if isinstance(b, Duration):
            return Duration(a.micros + sign * b.micros)
        left: int | float = a.micros
        right = seconds_to_micros(b) if _is_number(b) else None
    else:
        left = seconds_to_micros(a) if _is_number(a) else math.nan
        right = b.micros if _is_number(a) else None
    if right is None:
        return None
    total = left + sign * right
    if isinstance(total, float):
        if total != total:
            raise ValueFault("type_error", "NaN is not a number of seconds")
        return Duration(INT_MAX if total > 0 else INT_MIN)
    return Duration(total)


def add(a: Any, b: Any, *, max_text: int = MAX_TEXT, max_list: int = MAX_LIST) -> Any:
    """`a + b`: null is neutral, text concatenates, lists join, durations and numbers add.

    Raises:
        ValueFault: `type_error`; `limit_exceeded` when the text or list grows too long.
    """
    if a is None:
        return 0 if b is None else b
    if b is None:
        return a
    if isinstance(a, str) or isinstance(b, str):
        text = to_text(a, "", max_text=max_text) + to_text(b, "", max_text=max_text)
        if len(text) > max_text:
            raise ValueFault("limit_exceeded", f"a text is longer than {max_text} characters")
        return text
    if isinstance(a, list) and isinstance(b, list):
        if len(a) + len(b) > max_list:
            raise ValueFault("limit_exceeded", f"a list is longer than {max_list} elements")
        return a + b
    if isinstance(a, Duration) or isinstance(b, Duration):
        moved = _shift(a, b, 1)
        if moved is not None:
            return moved
    return _result(num(a) + num(b))


def subtract(a: Any, b: Any) -> Any:
    """`a - b` for numbers and durations."""
    if isinstance(a, Duration) or isinstance(b, Duration):
        moved = _shift(a, b, -1)
        if moved is not None:
            return moved
    return _result(num(a) - num(b))


def multiply(a: Any, b: Any) -> Any:
    """`a * b`; a duration times a number is a duration."""
    if isinstance(a, Duration) and _is_number(b):
        return scale_micros(a.micros, b)
    if isinstance(b, Duration) and _is_number(a):
        return scale_micros(b.micros, a)
    return _result(num(a) * num(b))


def divide(a: Any, b: Any) -> Any:
    """`a / b`: always a float, or a duration when a duration is divided by a number.

    The quotient of two ints is the float nearest to the exact quotient.

    Raises:
        ValueFault: `division_by_zero`, `type_error`.
    """
    if isinstance(a, Duration):
        if isinstance(b, Duration):
            if b.micros == 0:
                raise ValueFault("division_by_zero", "division by a zero duration")
            return a.micros / b.micros
        if _is_number(b):
            if b == 0:
                raise ValueFault("division_by_zero", "division by zero")
            return scale_micros(a.micros, b, divide=True)
    left, right = num(a), num(b)
    if right == 0:
        raise ValueFault("division_by_zero", "division by zero")
    return left / right


def remainder(a: Any, b: Any) -> Any:
    """`a % b` with the sign of the dividend.

    Raises:
        ValueFault: `division_by_zero`, `type_error`.
    """
    if isinstance(a, Duration) and isinstance(b, Duration):
        if b.micros == 0:
            raise ValueFault("division_by_zero", "remainder by a zero duration")
        return Duration(_int_remainder(a.micros, b.micros))
    left, right = num(a), num(b)
    if right == 0:
        raise ValueFault("division_by_zero", "remainder by zero")
    if isinstance(left, int) and isinstance(right, int):
        return _int_remainder(left, right)
    left, right = float(left), float(right)
    # math.fmod raises where IEEE 754 gives NaN.
    return math.nan if math.isinf(left) or right != right else math.fmod(left, right)


def _int_remainder(a: int, b: int) -> int:
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def negate(a: Any) -> Any:
    """`-a`; null gives 0."""
    if isinstance(a, Duration):
        return Duration(-a.micros)
    if a is None:
        return 0
    return _result(-num(a))


# ------------------------------------------------------------------ comparison


def _scalar_equal(a: Any, b: Any) -> bool:
    if a is None or b is None:
        return a is b
    if isinstance(a, bool) or isinstance(b, bool):
        return isinstance(a, bool) and isinstance(b, bool) and a == b
    if isinstance(a, (int, float)):
        if isinstance(b, (int, float)):
            return a == b
        return isinstance(b, Duration) and seconds_to_micros(a) == b.micros
    if isinstance(a, Duration):
        if isinstance(b, Duration):
            return a.micros == b.micros
        return isinstance(b, (int, float)) and a.micros == seconds_to_micros(b)
    if isinstance(a, str):
        return isinstance(b, str) and a == b
    return a is b


def equal(a: Any, b: Any) -> bool:
    """`a == b`: never raises, compares content, treats a cycle as equal only to itself.

    Works for any depth. A pair of lists or maps that is met again while it is
    still being compared is equal when both are the same object.
    """
    pending: list[tuple[Any, Any, bool]] = [(a, b, False)]
    active: set[tuple[int, int]] = set()
    done: set[tuple[int, int]] = set()
    while pending:
        left, right, leave = pending.pop()
        if leave:
            active.discard((id(left), id(right)))
            done.add((id(left), id(right)))
            continue
        if isinstance(left, Provider):
            left = left.root()
        if isinstance(right, Provider):
            right = right.root()
        is_list = isinstance(left, list) and isinstance(right, list)
        if not is_list and not (isinstance(left, dict) and isinstance(right, dict)):
            if not _scalar_equal(left, right):
                return False
            continue
        pair = (id(left), id(right))
        if pair in done:
            continue
        if pair in active:
            if left is not right:
                return False
            continue
        if len(left) != len(right):
            return False
        active.add(pair)
        pending.append((left, right, True))
        if is_list:
            pending.extend((x, y, False) for x, y in zip(reversed(left), reversed(right), strict=True))
        else:
            for key, value in left.items():
                if key not in right:
                    return False
                pending.append((value, right[key], False))
    return True


def _order_key(value: Any, other: Any) -> Any:
    """The Python value that orders `value` against `other`, or None when it does not."""
    if isinstance(value, bool):
        return int(value) if isinstance(other, (bool, int, float)) else None
    if isinstance(value, (int, float)):
        if isinstance(other, Duration):
            return seconds_to_micros(value)
        return value if isinstance(other, (bool, int, float, str)) else None
    if isinstance(value, Duration):
        return value.micros if isinstance(other, Duration) or _is_number(other) else None
    if isinstance(value, str):
        if isinstance(other, str):
            return value
        return parse_number(value.strip(_BLANKS)) if _is_number(other) else None
    return None


def _ordered(a: Any, b: Any) -> tuple[Any, Any]:
    left, right = _order_key(a, b), _order_key(b, a)
    if left is None or right is None:
        raise ValueFault("type_error", f"cannot compare {describe(a)} with {describe(b)}")
    return left, right


def less(a: Any, b: Any) -> bool:
    """`a < b`; null is below everything else.

    Raises:
        ValueFault: `type_error` for values without a common order.
    """
    if a is None or b is None:
        return a is None and b is not None
    left, right = _ordered(a, b)
    return bool(left < right)


def less_equal(a: Any, b: Any) -> bool:
    """`a <= b`; false when NaN takes part, so it is not the negation of `b < a`.

    Raises:
        ValueFault: `type_error` for values without a common order.
    """
    if a is None or b is None:
        return a is None
    left, right = _ordered(a, b)
    return bool(left <= right)


def contains(a: Any, b: Any) -> bool:
    """`a in b`; never raises."""
    if isinstance(b, Provider):
        b = b.root()
    if isinstance(b, str):
        return isinstance(a, str) and a in b
    if isinstance(b, list):
        return any(equal(element, a) for element in b)
    if isinstance(b, dict):
        return isinstance(a, str) and a in b
    return False


# ---------------------------------------------------------------------- access


def member(x: Any, name: str) -> Any:
    """`x.name`: a key of a map, else a pseudo-property, else null.

    Raises:
        ValueFault: `null_access` when x is null.
    """
    if isinstance(x, Provider):
        x = x.root()
    if isinstance(x, dict):
        if name in x:
            return x[name]
        if name == "keys":
            return list(x)
        if name == "values":
            return list(x.values())
    elif isinstance(x, (list, str)):
        if name == "first":
            return x[0] if x else None
        if name == "last":
            return x[-1] if x else None
    elif x is None:
        raise ValueFault("null_access", f"'{name}' of null")
    else:
        return None
    if name in ("length", "size", "count"):
        return len(x)
    return not x if name == "is_empty" else None


def index(x: Any, i: Any) -> Any:
    """`x[i]`: an element, a character or the value under a key; null when there is none.

    Raises:
        ValueFault: `null_access` when x is null.
    """
    if isinstance(x, Provider):
        x = x.root()
    if x is None:
        raise ValueFault("null_access", "index of null")
    if isinstance(x, dict):
        if isinstance(i, int) and not isinstance(i, bool):
            i = str(i)
        return x.get(i) if isinstance(i, str) else None
    if not isinstance(x, (list, str)) or not _is_number(i):
        return None
    if isinstance(i, float):
        if not i.is_integer():
            return None
        i = int(i)
    return x[i] if 0 <= i < len(x) else None


def copy_value(value: Any) -> Any:
    """A deep copy that keeps sharing and cycles and works for any depth."""
    if not isinstance(value, (list, dict)):
        return value
    result: list[Any] | dict[str, Any] = [] if isinstance(value, list) else {}
    copies: dict[int, Any] = {id(value): result}
    pending: list[tuple[Any, Any]] = [(value, result)]
    while pending:
        source, copy = pending.pop()
        for key, item in enumerate(source) if isinstance(source, list) else source.items():
            if isinstance(item, (list, dict)):
                known = copies.get(id(item))
                if known is None:
                    known = copies[id(item)] = [] if isinstance(item, list) else {}
                    pending.append((item, known))
                item = known
            if isinstance(source, list):
                copy.append(item)
            else:
                copy[key] = item
    return result
