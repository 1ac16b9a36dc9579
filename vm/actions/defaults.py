"""Parameters that a document leaves out and the runtime fills in before a handler sees them (language 8.2, 8.3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from abml.values import ValueFault, num

# Parameters of cognition that fall back on the perceptions of the tick.
_PERCEPTIONS = {
    "filter_attention": "input",
    "query_memory": "perceptions",
    "assess_significance": "perception",
    "store_memory": "perception",
    "evaluate_goal_impact": "perceptions",
}
_OF_ENTITY = frozenset(("query_memory", "store_memory", "trigger_goap_replan"))


def completed(
    name: str,
    params: Mapping[str, Any],
    defaults: Mapping[str, Any],
    actor_id: str | None,
    read: Callable[[str], Any],
) -> dict[str, Any]:
    """The parameters for the handler: those written, in their order, then the defaults of the others.

    Args:
        defaults: of the action's specification, as the program has them.
        read: a variable of the asking flow, for the defaults of cognition.

    Raises:
        ValueFault: `action_failed`: what nothing gave is needed.
    """
    made = dict(params)
    for key, value in defaults.items():
        if key not in made:
            made[key] = value
    if name == "actor_command":
        _clamp(made, "urgency")
    elif name == "emit_perception":
        _clamp(made, "urgency")
        if made.get("source_id") is None and actor_id is not None:
            made["source_id"] = actor_id
    elif name == "schedule_event":
        if made.get("target_character") is None and actor_id is not None:
            made["target_character"] = actor_id
    elif name in _PERCEPTIONS or name in _OF_ENTITY:
        _cognition(name, made, read)
    return made


def _clamp(made: dict[str, Any], key: str) -> None:
    value = made.get(key)
    if value is None:
        return
    try:
        number = num(value)
    except ValueFault:
        return
    made[key] = min(max(number, 0), 1)


def _cognition(name: str, made: dict[str, Any], read: Callable[[str], Any]) -> None:
    key = _PERCEPTIONS.get(name)
    if key is not None:
        if made.get(key) is None and not (key == "perception" and made.get("perceptions") is not None):
            found = read("filtered_perceptions")
            made[key] = found if found is not None else read("perceptions")
        if key == "perception" and made.get("perceptions") is None and made.get(key) in (None, "", [], {}):
            raise ValueFault("action_failed", f"{name}: there is no perception")
    if name in _OF_ENTITY:
        if made.get("entity_id") is None:
            agent = read("agent")
            made["entity_id"] = agent.get("id") if isinstance(agent, dict) else None
        if made["entity_id"] in (None, ""):
            raise ValueFault("action_failed", f"{name}: there is no entity_id")
