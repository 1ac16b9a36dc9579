"""Effects of actions on facts (runtime 4.3, language reference 10.3)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from abml.errors import AbmlPlanningError
from abml.values import parse_number, wrap_int

from .literals import BLANKS, Value, finite, number_of, read_literal

_CODE = "ABML602"
# Text in quotes, or ` or ` between alternatives.
_OR = re.compile(r"""'[^']*'|"[^"]*"|(?<=[ \t\r\n])or(?=[ \t\r\n])""")


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action makes of a fact.

    Attributes:
        op: `+` or `-` change a number, `=` sets.
        value: a finite number for a change; else what is set, None removes the fact.
    """

    op: str
    value: Value | None

    @property
    def delta(self) -> int | float | None:
        """What is added to the number of the fact; None for an effect that sets."""
        if self.op == "=" or isinstance(self.value, bool | str) or self.value is None:
            return None
        return self.value if self.op == "+" else -self.value

    def apply(self, value: Value | None) -> Value | None:
        """The fact afterwards. A missing fact and one that is no number count as 0 for a change.

        An int stays an int and a float a float; ints beyond 64 bits become floats.
        """
        delta = self.delta
        if delta is None:
            return self.value
        before = number_of(value)
        after = (0 if before is None else before) + delta
        return wrap_int(after) if isinstance(after, int) else after

    def __str__(self) -> str:
        if self.op != "=":
            return f"{self.op}{self.value}"
        value = self.value
        if value is None or isinstance(value, bool):
            return str(value).lower() if value is not None else "null"
        if isinstance(value, str):
            return repr(value)
        return f"= {value}" if value < 0 or math.copysign(1, value) < 0 else str(value)


# (fact, effect) in the order written; a fact has at most one.
Effects = tuple[tuple[str, Effect], ...]


def read_effect(written: Any, key: str = "effect") -> Effect:
    """An effect from `"+5"`, `"-2"`, `"= -5"`, `"true"`, `"pier"`, or a plain bool or number.

    A negative number changes, as its text does. Of `"+1 or +2"` the first is taken.

    Args:
        key: the fact it is about; errors name it.

    Raises:
        AbmlPlanningError: ABML602, it is empty, a sign without a number, or of a type that is no effect.
    """
    if isinstance(written, Effect):
        return written
    if written is None or isinstance(written, bool):
        return Effect("=", written)
    if isinstance(written, int | float):
        number = finite(written, _CODE, key)
        return Effect("-", -number) if number < 0 else Effect("=", number)
    if not isinstance(written, str):
        raise AbmlPlanningError(_CODE, f"the effect on '{key}' is a {type(written).__name__}, not a text or a value")
    return _read_alternative(_first_alternative(written).strip(BLANKS), key)


def _first_alternative(written: str) -> str:
    for match in _OR.finditer(written):
        if match.group() == "or":
            return written[: match.start()]
    return written


def _read_alternative(text: str, key: str) -> Effect:
    if not text:
        raise AbmlPlanningError(_CODE, f"the effect on '{key}' is empty")
    op, operand = text[0], text[1:].lstrip(BLANKS)
    if op not in "+-=":
        return Effect("=", read_literal(text, _CODE, key))
    if not operand:
        raise AbmlPlanningError(_CODE, f"the effect on '{key}' has nothing after '{op}'")
    if op == "=":
        return Effect("=", read_literal(operand, _CODE, key))
    number = parse_number(operand)
    if number is None:
        raise AbmlPlanningError(_CODE, f"the effect on '{key}' needs a number after '{op}', not '{operand}'")
    return Effect(op, finite(number, _CODE, key))
