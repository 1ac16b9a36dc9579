"""Conditions on a world: how they are read, when they hold, how far a world is from them (runtime 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from abml.errors import AbmlPlanningError

from .literals import BLANKS, Value, finite, number_of, read_literal

# Equality of numbers; `>=` and `<=` include it, `>` and `<` exclude it.
TOLERANCE = 1e-9
# What a world just at the bound is away from a strict condition.
STRICT_STEP = 0.01
# Longer ones first.
OPERATORS = (">=", "<=", "==", "!=", "=", ">", "<")
_CODE = "ABML601"


@dataclass(frozen=True, slots=True)
class Condition:
    """An operator and what a fact is compared with.

    Attributes:
        op: one of `==`, `!=`, `<`, `<=`, `>`, `>=`.
        target: a bool, a finite number, a text, or None for `null`.
    """

    op: str
    target: Value | None

    def satisfied(self, value: Value | None) -> bool:
        """Whether the condition holds for a fact; None is an absent one."""
        op, target = self.op, self.target
        if target is None:
            return (value is None) == (op == "==") and op in ("==", "!=")
        if isinstance(target, bool):
            if value is None or isinstance(value, bool):
                return (bool(value) == target) == (op == "==") and op in ("==", "!=")
            return op == "!="
        if isinstance(target, str):
            return _compare_texts(op, value, target) if isinstance(value, str) else op == "!="
        number = 0 if value is None else number_of(value)
        return op == "!=" if number is None else _compare_numbers(op, float(number), float(target))

    def distance(self, value: Value | None) -> float:
        """How far the fact is from the condition, in its own units; 0 when it holds."""
        if self.satisfied(value):
            return 0.0
        gap = self.gap(value)
        if gap is None:
            return 1.0
        return gap + STRICT_STEP if self.op in ("<", ">") else gap

    def gap(self, value: Value | None) -> float | None:
        """How much a number misses in a condition that does not hold.

        None where changing a number closes nothing gradually: for targets that are
        no numbers, for facts that are none, and for `!=`.
        """
        number = 0 if value is None else number_of(value)
        if number is None or self.op == "!=" or self.target is None or isinstance(self.target, bool | str):
            return None
        here, there = float(number), float(self.target)
        if self.op == "==":
            return abs(here - there)
        return there - here if self.op[0] == ">" else here - there

    @property
    def is_numeric(self) -> bool:
        """Whether the target is a number."""
        return isinstance(self.target, int | float) and not isinstance(self.target, bool)

    def __str__(self) -> str:
        target = self.target
        if target is None or isinstance(target, bool):
            return f"{self.op} {str(target).lower() if target is not None else 'null'}"
        return f"{self.op} {target!r}" if isinstance(target, str) else f"{self.op} {target}"


# (fact, condition) in the order written; a fact may have several, such as a range.
Conditions = tuple[tuple[str, Condition], ...]


def _compare_numbers(op: str, here: float, there: float) -> bool:
    gap = here - there
    if op == "==":
        return abs(gap) <= TOLERANCE
    if op == "!=":
        return abs(gap) > TOLERANCE
    if op == ">=":
        return gap >= -TOLERANCE
    if op == "<=":
        return gap <= TOLERANCE
    return gap > TOLERANCE if op == ">" else gap < -TOLERANCE


def _compare_texts(op: str, here: str, there: str) -> bool:
    if op == "==":
        return here == there
    if op == "!=":
        return here != there
    if op == ">=":
        return here >= there
    if op == "<=":
        return here <= there
    return here > there if op == ">" else here < there


def read_condition(written: Any, key: str = "condition") -> Condition:
    """A condition from `">= 3"`, `"!= 'pier'"`, `"pier"`, or a plain bool, number or None, which mean `==`.

    Args:
        key: the fact it is about; errors name it.

    Raises:
        AbmlPlanningError: ABML601, it is empty or of a type that is no condition.
    """
    if isinstance(written, Condition):
        return written
    if written is None or isinstance(written, bool):
        return Condition("==", written)
    if isinstance(written, int | float):
        return Condition("==", finite(written, _CODE, key))
    if not isinstance(written, str):
        raise AbmlPlanningError(_CODE, f"the condition of '{key}' is a {type(written).__name__}, not a text or a value")
    text = written.strip(BLANKS)
    if not text:
        raise AbmlPlanningError(_CODE, f"the condition of '{key}' is empty")
    for op in OPERATORS:
        if text.startswith(op):
            operand = text[len(op) :].lstrip(BLANKS)
            if not operand:
                raise AbmlPlanningError(_CODE, f"the condition of '{key}' has nothing after '{op}'")
            return Condition("==" if op == "=" else op, read_literal(operand, _CODE, key))
    return Condition("==", read_literal(text, _CODE, key))


def unmet(conditions: Conditions, world: Mapping[str, Value]) -> Conditions:
    """Those of the conditions that do not hold in a world, in their order."""
    return tuple((key, condition) for key, condition in conditions if not condition.satisfied(world.get(key)))


def satisfied(conditions: Iterable[tuple[str, Condition]], world: Mapping[str, Value]) -> bool:
    """Whether every condition holds in a world."""
    return all(condition.satisfied(world.get(key)) for key, condition in conditions)


def distance(conditions: Iterable[tuple[str, Condition]], world: Mapping[str, Value]) -> float:
    """The sum of the distances of a world from every condition, added in their order."""
    total = 0.0
    for key, condition in conditions:
        total += condition.distance(world.get(key))
    return total
