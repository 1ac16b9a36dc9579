"""Options: what an actor could do, evaluated from the thunks of a program (language 1.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from abml.values import ValueFault, num, truthy

from .core.machine import FaultError

Call = Callable[[int], Any]
Warn = Callable[[str, str], None]


def evaluate_options(options: Mapping[str, Any], call: Call, warn: Warn, now_ms: int) -> dict[str, dict[str, Any]]:
    """`{type: {options, computedAt, count}}` in declaration order.

    Args:
        options: `Program.info["options"]`.
        call: computes a thunk by its number.
        warn: takes kind and message of what is logged.
        now_ms: the VM clock, for `computedAt`.
    """
    result: dict[str, dict[str, Any]] = {}
    for kind, items in options.items():
        found = []
        for item in items:
            try:
                found.append(_option(item, call, warn))
            except FaultError as error:
                warn(error.fault.kind, f"the option '{item['actionId']}' is left out: {error.fault.message}")
        result[kind] = {"options": found, "computedAt": now_ms, "count": len(found)}
    return result


def _option(item: Mapping[str, Any], call: Call, warn: Warn) -> dict[str, Any]:
    available = call(item["available"])
    if available is None:
        warn("type_error", f"the availability of the option '{item['actionId']}' is null and counts as false")
    return {
        "actionId": item["actionId"],
        "preference": _unit(call(item["preference"]), 0.5),
        "risk": _unit(call(item["risk"]), 0.0) if item["risk"] >= 0 else None,
        "available": truthy(available),
        "requirements": list(item["requirements"]),
        "tags": list(item["tags"]),
        "cooldownMs": _whole(call(item["cooldownMs"])) if item["cooldownMs"] >= 0 else None,
    }


def _number(value: Any) -> int | float | None:
    if value is None:
        return None
    try:
        number = num(value)
    except ValueFault:
        return None
    return None if number != number else number


def _unit(value: Any, otherwise: float) -> float:
    """A number in 0..1."""
    number = _number(value)
    return otherwise if number is None else float(min(max(number, 0), 1))


def _whole(value: Any) -> int:
    number = _number(value)
    if number is None or number in (float("inf"), float("-inf")):
        return 0
    return int(number)
