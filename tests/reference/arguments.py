"""The argument conventions of the function tables: *n?*, *s?*, *list?*, int."""

from __future__ import annotations

import math
from typing import Any

from abml import values
from abml.values import Duration

from .expressions import to_text
from .faults import ReferenceFault


def bad(message: str) -> ReferenceFault:
    return ReferenceFault("argument_error", message)


def number(value: Any) -> int | float | None:
    """*n?*: the number, or None for null and everything that is not numeric."""
    if value is None or isinstance(value, Duration):
        return None
    try:
        return values.num(value)
    except values.ValueFault:
        return None


def strict_number(value: Any) -> int | float:
    """ "numeric": the rule of the arithmetic operators."""
    try:
        return values.num(value)
    except values.ValueFault as fault:
        raise ReferenceFault(fault.kind, fault.message) from None


def whole(value: Any) -> int:
    """An int argument: a finite numeric value, truncated."""
    result = number(value)
    if result is None or not math.isfinite(result):
        raise bad("expected an int")
    return int(result)


def text(value: Any) -> str:
    """A text argument: null is empty."""
    return to_text(value, "")


def maybe_text(value: Any) -> str | None:
    """*s?*: null stays null."""
    return None if value is None else to_text(value)


def items(value: Any) -> list[Any]:
    """*list?*: null is empty, other non-lists are an error. A snapshot."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise bad("expected a list")
    return list(value)


def fits(length: int, limit: int = values.MAX_LIST) -> None:
    """Refuse a result that is too long."""
    if length > limit:
        raise ReferenceFault("limit_exceeded", "result too long")
