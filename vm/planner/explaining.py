"""Plans and their absence, told for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.values import float_text, to_text

if TYPE_CHECKING:
    from .costs import CostBreakdown
    from .model import Plan, PlanResult
    from .worlds import WorldState

_REASONS = {
    "no_actions": "there are no actions to plan with",
    "unreachable": "no sequence of the actions reaches it",
    "depth_limit": "every way is longer than a plan may be",
    "node_limit": "the limit of states to look at was reached",
    "timeout": "the time for planning was over",
    "cancelled": "planning was cancelled",
}


def explain_plan(plan: Plan) -> str:
    """The goal, every step with what it changes and why it costs what it costs, and the total."""
    lines = [_goal_line(plan)]
    worlds = plan.worlds()
    for number, step in enumerate(plan.actions, 1):
        lines.append(f"  {number}. {step.id}  cost {float_text(step.cost)}{_why(step.breakdown)}")
        needs = ", ".join(f"{key} {condition}" for key, condition in step.action.preconditions)
        if needs:
            lines.append(f"       needs {needs}")
        changes = _changes(worlds[number - 1], worlds[number])
        lines.append(f"       {changes or 'changes nothing'}")
    lines.append(f"total cost {float_text(plan.total_cost)}, {plan.nodes_expanded} states looked at")
    return "\n".join(lines)


def explain_result(result: PlanResult) -> str:
    """The plan of a result; without one the reason, the unmet conditions and what came nearest."""
    if result.plan is not None:
        return "\n".join([explain_plan(result.plan), *result.warnings])
    lines = [f"no plan for '{result.goal.id}': {_REASONS[result.status]}"]
    for key, condition in result.unmet:
        value = None if result.nearest is None else result.nearest.get(key)
        lines.append(f"  not met: {key} {condition} (it is {'absent' if value is None else to_text(value)})")
    if result.nearest_steps:
        lines.append(f"  nearest after: {', '.join(result.nearest_steps)}")
    lines.append(f"{result.nodes_expanded} states looked at")
    return "\n".join([*lines, *result.warnings])


def _goal_line(plan: Plan) -> str:
    wanted = ", ".join(f"{key} {condition}" for key, condition in plan.goal.conditions)
    if not plan.actions:
        return f"goal '{plan.goal.id}' holds already: {wanted or 'it has no conditions'}"
    return f"goal '{plan.goal.id}': {wanted}"


def _why(cost: CostBreakdown) -> str:
    parts = [f"{amount:+g} {source}" for source, amount in cost.modifiers]
    if cost.director_raw:
        capped = "" if cost.director_raw == cost.director_applied else f" of {cost.director_raw:+g}"
        parts.append(f"{cost.director_applied:+g}{capped} director")
    if not parts:
        return ""
    floor = f", at least {float_text(cost.effective)}" if cost.effective != cost.total else ""
    return f" (base {float_text(cost.base)}, {', '.join(parts)}{floor})"


def _changes(before: WorldState, after: WorldState) -> str:
    found = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old != new or type(old) is not type(new):
            found.append(f"{key}: {_fact(old)} -> {_fact(new)}")
    return ", ".join(found)


def _fact(value: object) -> str:
    return "absent" if value is None else to_text(value)
