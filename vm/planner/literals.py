"""Values of planning texts: what a condition compares with and an effect sets (language reference 10.2, 10.3)."""

from __future__ import annotations

import math
from typing import Any

from abml.errors import AbmlPlanningError
from abml.values import parse_number, wrap_int

# What a fact of a world can be. Null is no value: the fact is absent.
Value = bool | int | float | str

BLANKS = " \t\r\n"
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def read_literal(text: str, code: str, key: str) -> Value | None:
    """The value a text spells: a word, a number, a quoted text, else the text itself.

    Args:
        text: without blanks around it, not empty.
        code: of the error, `ABML601` for a condition and `ABML602` for an effect.
        key: the fact it is about.

    Raises:
        AbmlPlanningError: a number too large for a double, or `${}`, which must be evaluated before.
    """
    if text[0] in "'\"" and len(text) > 1 and text.find(text[0], 1) == len(text) - 1:
        return text[1:-1]
    if "${" in text:
        raise AbmlPlanningError(code, f"'{key}': '{text}' must be evaluated before it is read")
    word = text.lower()
    if word in _WORDS:
        return _WORDS[word]
    number = parse_number(text)
    return text if number is None else finite(number, code, key)


def finite(number: int | float, code: str, key: str) -> int | float:
    """The number as the language has it: an int of 64 bits, else a finite float.

    Raises:
        AbmlPlanningError: NaN, infinite, or beyond the range of a double.
    """
    try:
        held = wrap_int(int(number)) if isinstance(number, int) else float(number)
    except OverflowError:
        held = math.inf
    if math.isfinite(held):
        return held
    raise AbmlPlanningError(code, f"'{key}' has no finite number, but {held}")


def number_of(value: Any) -> int | float | None:
    """The number of a fact: of a number itself, and of a text that spells one; None for everything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        number = parse_number(value)
        return number if number is not None and math.isfinite(number) else None
    return None
