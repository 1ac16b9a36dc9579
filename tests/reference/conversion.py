"""Lossless conversion of defaults, `source` results and given values to declared types."""

from __future__ import annotations

from typing import Any

from abml import values
from abml.syntax import ast
from abml.values import Duration, ValueFault


def _number(value: Any) -> int | float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    return values.parse_number(value) if isinstance(value, str) else None


def convert(value: Any, declared: ast.TypeRef | None) -> Any:
    """The value as the declared type has it, or unchanged when that would lose something."""
    if declared is None or value is None:
        return value
    name = declared.name
    if name in ("int", "timestamp"):
        number = _number(value)
        if isinstance(number, float) and number.is_integer() and abs(number) < 2**63:
            return int(number)
        return value if number is None else number
    if name == "float":
        number = _number(value)
        if isinstance(number, int):
            return float(number) if int(float(number)) == number else value
        return value if number is None else number
    if name == "bool" and isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    if name == "string" and isinstance(value, (bool, int, float, Duration)):
        return values.to_text(value)
    if name == "duration":
        try:
            if isinstance(value, str):
                return values.parse_duration(value)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return values.duration_from_seconds(value)
        except ValueFault:
            return value
    return value
