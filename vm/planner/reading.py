"""Goals and actions from plain data: mappings, lists and texts as documents write them (language reference 10)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from abml.errors import AbmlPlanningError

from .conditions import Conditions, read_condition
from .effects import Effect, Effects, read_effect
from .model import DEFAULT_COST, DEFAULT_PRIORITY, GoapAction, GoapGoal

_CODE = "ABML906"
_ITEM = re.compile(
    r"[ \t\r\n]*([A-Za-z_][A-Za-z0-9_.]*(?:-[A-Za-z0-9_.]+)*)[ \t\r\n]*(\+=|-=|>=|<=|==|!=|=|>|<)(.*)", re.S
)
_FACT_GAP = re.compile(r"[^a-z0-9]+")
_GOAL_FIELDS = {"id", "name", "conditions", "priority", "preconditions", "description"}
_ACTION_FIELDS = {
    "id",
    "name",
    "preconditions",
    "effects",
    "cost",
    "action_type",
    "tags",
    "violations",
    "cost_modifiers",
    "description",
}
# What the action does: an entry of a document's `actions` has it beside what planning reads.
_STEPS = {"steps", "actions"}


def read_goal(given: Any, goal_id: str = "goal") -> GoapGoal:
    """A goal from a mapping of conditions, a list of them, or a mapping with `conditions` and more.

    Args:
        goal_id: the name of a goal that has no `id` or `name`.

    Raises:
        AbmlPlanningError: ABML601 a condition, ABML607 a priority, ABML906 anything else.
    """
    if isinstance(given, GoapGoal):
        return given
    if isinstance(given, Mapping) and _has_conditions(given):
        _only(given, _GOAL_FIELDS, "a goal")
        priority = given.get("priority", DEFAULT_PRIORITY)
        if isinstance(priority, bool) or not isinstance(priority, int):
            raise AbmlPlanningError("ABML607", f"the priority of a goal is a whole number, not {priority!r}")
        description = given.get("description")
        return GoapGoal(
            _id(given, "a goal", goal_id),
            read_conditions(given["conditions"]),
            priority,
            read_conditions(given.get("preconditions")),
            None if description is None else str(description),
        )
    return GoapGoal(goal_id, read_conditions(given))


def _has_conditions(given: Mapping[Any, Any]) -> bool:
    """Whether a mapping is a goal, and not itself the conditions, one of which may be on a fact `conditions`."""
    conditions = given.get("conditions", "")
    return conditions is None or isinstance(conditions, Mapping | list | tuple)


def read_actions(given: Any) -> tuple[GoapAction, ...]:
    """Actions from a mapping of their names to their data, or from a sequence of actions or data with an `id`
    or `name`.

    Raises:
        AbmlPlanningError: as for `read_action`; ABML906 when two have one id.
    """
    if isinstance(given, Mapping):
        found = tuple(read_action(data, name) for name, data in given.items())
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
        found = tuple(read_action(data) for data in given)
    else:
        raise AbmlPlanningError(_CODE, f"actions are a mapping or a list, not {type(given).__name__}")
    seen = set()
    for action in found:
        if action.id in seen:
            raise AbmlPlanningError(_CODE, f"two actions are named '{action.id}'")
        seen.add(action.id)
    return found


def read_action(given: Any, name: Any = None) -> GoapAction:
    """An action from a mapping with `preconditions`, `effects`, `cost` and the other fields of `GoapAction`.

    Raises:
        AbmlPlanningError: ABML601, ABML602 or ABML603 for what it names; ABML906 anything else.
    """
    if isinstance(given, GoapAction):
        return given
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        who = "an action" if name is None else f"the action {name!r}"
        raise AbmlPlanningError(_CODE, f"{who} is a mapping, not {type(given).__name__}")
    action_id = _id(given, "an action") if name is None else _name(name, "an action")
    _only(given, _ACTION_FIELDS, f"an action '{action_id}'", _STEPS)
    if given.get("cost_modifiers"):
        raise AbmlPlanningError(
            _CODE, f"the cost modifiers of '{action_id}' are expressions of a document; here amounts go to `modifiers`"
        )
    action_type = given.get("action_type")
    return GoapAction(
        action_id,
        read_conditions(given.get("preconditions")),
        read_effects(given.get("effects")),
        read_cost(given.get("cost"), action_id),
        action_id if action_type is None else _name(action_type, "an action type"),
        _words(given.get("tags"), f"the tags of '{action_id}'"),
        _words(given.get("violations"), f"the violations of '{action_id}'"),
    )


def read_cost(given: Any, action_id: str) -> float:
    """A base cost, `1.0` for None.

    Raises:
        AbmlPlanningError: ABML603, it is no finite number of at least 0.
    """
    if given is None:
        return DEFAULT_COST
    if isinstance(given, int | float) and not isinstance(given, bool):
        try:
            cost = float(given)
        except OverflowError:
            cost = math.inf
        if 0 <= cost < math.inf:
            return cost
    raise AbmlPlanningError("ABML603", f"the cost of '{action_id}' is a number of at least 0, not {given!r}")


def read_conditions(given: Any) -> Conditions:
    """Conditions from a mapping of facts, from a list as language 10.4 has it, or as a program holds them.

    Raises:
        AbmlPlanningError: ABML601, a condition that cannot be read; ABML906, another type or a nameless fact.
    """
    return tuple((key, read_condition(written, key)) for key, written in _entries(given, _condition_item, "conditions"))


def read_effects(given: Any) -> Effects:
    """Effects, in the forms `read_conditions` takes.

    Raises:
        AbmlPlanningError: ABML602, an effect that cannot be read or a second one on a
            fact; ABML906, another type or a nameless fact.
    """
    found: dict[str, Effect] = {}
    for key, written in _entries(given, _effect_item, "effects"):
        if key in found:
            raise AbmlPlanningError("ABML602", f"two effects of one action change '{key}'")
        found[key] = read_effect(written, key)
    return tuple(found.items())


def symbolic_fact(text: str) -> str:
    """The fact a plain sentence names: lower case, every other run of characters one `_`."""
    return _FACT_GAP.sub("_", text.lower()).strip("_")


def _entries(given: Any, item_of: Any, what: str) -> Iterator[tuple[str, Any]]:
    if given is None:
        return
    if isinstance(given, Mapping):
        for key, written in given.items():
            yield _name(key, "a fact"), written
    elif isinstance(given, list | tuple):
        for item in given:
            if isinstance(item, str):
                yield item_of(item)
            elif isinstance(item, Mapping) and len(item) == 1:
                key, written = next(iter(item.items()))
                yield _name(key, "a fact"), written
            elif isinstance(item, tuple) and len(item) == 2:
                yield _name(item[0], "a fact"), item[1]
            else:
                raise AbmlPlanningError(_CODE, f"an item of {what} is a text or a fact with its value, not {item!r}")
    else:
        raise AbmlPlanningError(_CODE, f"{what} are a mapping or a list, not {type(given).__name__}")


def _condition_item(text: str) -> tuple[str, Any]:
    match = _ITEM.fullmatch(text)
    if match is None or match.group(2) in ("+=", "-="):
        return _fact(text, "ABML601"), True
    return match.group(1), match.group(2) + match.group(3)


def _effect_item(text: str) -> tuple[str, Any]:
    match = _ITEM.fullmatch(text)
    if match is None or match.group(2) not in ("+=", "-=", "="):
        return _fact(text, "ABML602"), True
    # `+=` and `-=` mean what their sign means before a number.
    return match.group(1), match.group(2)[0] + match.group(3)


def _fact(text: str, code: str) -> str:
    fact = symbolic_fact(text)
    if not fact:
        raise AbmlPlanningError(code, f"{text!r} names no fact")
    return fact


def _id(given: Mapping[Any, Any], what: str, default: str = "") -> str:
    """The `id`, else the `name`."""
    return _name(given.get("id", given.get("name", default)), what)


def _name(given: Any, what: str) -> str:
    if isinstance(given, str) and given:
        return given
    raise AbmlPlanningError(_CODE, f"the name of {what} is a text that is not empty, not {given!r}")


def _words(given: Any, what: str) -> tuple[str, ...]:
    if given is None:
        return ()
    words = (given,) if isinstance(given, str) else given
    if isinstance(words, Iterable) and not isinstance(words, bytes | Mapping):
        found = tuple(words)
        if all(isinstance(word, str) for word in found):
            return found
    raise AbmlPlanningError(_CODE, f"{what} are texts, not {given!r}")


def _only(given: Mapping[Any, Any], known: set[str], what: str, ignored: Iterable[str] = ()) -> None:
    for key in given:
        if key not in known and key not in ignored:
            raise AbmlPlanningError(_CODE, f"{what} has no '{key}'; it has {', '.join(sorted(known))}")
