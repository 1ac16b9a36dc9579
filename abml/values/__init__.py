"""Plain ABML values: durations and the normative operators of the language."""

from __future__ import annotations

from .durations import Duration, duration_from_seconds, duration_text, parse_duration, round_ratio, seconds_to_micros
from .faults import INT_MAX, INT_MIN, MAX_LIST, MAX_TEXT, ValueFault
from .kinds import Provider, kind_of, truthy, type_of
from .operators import (
    add,
    contains,
    copy_value,
    divide,
    equal,
    index,
    less,
    less_equal,
    member,
    multiply,
    negate,
    num,
    parse_number,
    remainder,
    subtract,
    wrap_int,
)
from .text import describe, float_text, quote, to_json, to_text

__all__ = [
    "INT_MAX",
    "INT_MIN",
    "MAX_LIST",
    "MAX_TEXT",
    "Duration",
    "Provider",
    "ValueFault",
    "add",
    "contains",
    "copy_value",
    "describe",
    "divide",
    "duration_from_seconds",
    "duration_text",
    "equal",
    "float_text",
    "index",
    "kind_of",
    "less",
    "less_equal",
    "member",
    "multiply",
    "negate",
    "num",
    "parse_duration",
    "parse_number",
    "quote",
    "remainder",
    "round_ratio",
    "seconds_to_micros",
    "subtract",
    "to_json",
    "to_text",
    "truthy",
    "type_of",
    "wrap_int",
]
