"""The verifier's part about planning: goals, actions and facts in the plain data of a program.

After it, a planner may read them without looking: every text, number and list is
where it belongs, and every expression is a thunk of the program.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

_CONDITIONS = frozenset(("==", "!=", "<", "<=", ">", ">="))
_EFFECTS = frozenset(("=", "+", "-"))
_SOURCES = frozenset(("personality", "environment"))

IsThunk = Callable[[Any], bool]


def find_fault(info: Mapping[str, Any], is_thunk: IsThunk) -> str | None:
    """What is wrong with the planning data of a program, in one clause; None when nothing is.

    Args:
        info: `Program.info`, whose `flows` are known to be mappings.
        is_thunk: whether a value is the number of a thunk.
    """
    goals = info.get("goals", {})
    if not isinstance(goals, dict):
        return "its goals have the wrong shape"
    for name, goal in goals.items():
        if not isinstance(name, str) or not _is_goal(goal, is_thunk):
            return f"its goal '{name}' has the wrong shape"
    for name, flow in info.get("flows", {}).items():
        goap = flow.get("goap")
        if goap is not None and not (isinstance(name, str) and _is_action(goap, is_thunk)):
            return f"the planning data of its flow '{name}' have the wrong shape"
    world = info.get("world_state", {})
    if not isinstance(world, dict) or not all(
        isinstance(key, str) and key and _is_value(value, is_thunk) for key, value in world.items()
    ):
        return "its world_state has the wrong shape"
    header = info.get("goap", {})
    if not isinstance(header, dict) or not all(isinstance(value, int) for value in header.values()):
        return "its counts of goals and actions have the wrong shape"
    return None


def _is_goal(goal: Any, is_thunk: IsThunk) -> bool:
    return (
        isinstance(goal, dict)
        and _is_amount(goal.get("priority"), is_thunk)
        and _are_entries(goal.get("conditions"), _CONDITIONS, is_thunk)
        and _are_entries(goal.get("preconditions"), _CONDITIONS, is_thunk)
        and isinstance(goal.get("description"), str | None)
    )


def _is_action(goap: Any, is_thunk: IsThunk) -> bool:
    return (
        isinstance(goap, dict)
        and _are_entries(goap.get("preconditions"), _CONDITIONS, None)
        and _are_effects(goap.get("effects"))
        and _is_amount(goap.get("cost"), is_thunk)
        and (isinstance(goap["cost"], dict) or goap["cost"] >= 0)
        and _are_texts(goap.get("tags"))
        and isinstance(goap.get("action_type"), str | None)
        and (goap.get("violations") is None or _are_texts(goap["violations"]))
        and isinstance(goap.get("cost_modifiers"), list)
        and all(_is_modifier(item, is_thunk) for item in goap["cost_modifiers"])
    )


def _are_entries(entries: Any, operators: frozenset[str], is_thunk: IsThunk | None) -> bool:
    """Conditions or effects; without `is_thunk` no expressions."""
    return isinstance(entries, list) and all(
        isinstance(entry, dict)
        and isinstance(entry.get("key"), str)
        and bool(entry["key"])
        and entry.get("op") in operators
        and "value" in entry
        and _is_value(entry["value"], is_thunk)
        and isinstance(entry.get("text"), str)
        for entry in entries
    )


def _are_effects(entries: Any) -> bool:
    """Effects: at most one for a fact, numbers behind signs."""
    if not _are_entries(entries, _EFFECTS, None):
        return False
    keys = [entry["key"] for entry in entries]
    return len(set(keys)) == len(keys) and all(entry["op"] == "=" or _is_number(entry["value"]) for entry in entries)


def _is_modifier(item: Any, is_thunk: IsThunk) -> bool:
    return (
        isinstance(item, dict)
        and item.get("source") in _SOURCES
        and (item.get("when") == -1 or is_thunk(item.get("when")))
        and _is_amount(item.get("add"), is_thunk)
    )


def _is_amount(value: Any, is_thunk: IsThunk) -> bool:
    return _is_number(value) or (isinstance(value, dict) and is_thunk(value.get("unit")))


def _is_value(value: Any, is_thunk: IsThunk | None) -> bool:
    if isinstance(value, dict):
        return is_thunk is not None and is_thunk(value.get("unit"))
    return value is None or isinstance(value, bool | str) or _is_number(value)


def _is_number(value: Any) -> bool:
    """A finite number that a double can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
