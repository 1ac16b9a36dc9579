"""Plans and their absence, told for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from abml.values import to_text

if TYPE_CHECKING:
    from .conditions import Condition
    from .costs import CostBreakdown
    from .model import GoapAction, Plan, PlanResult
    from .worlds import WorldState

# Worlds do not tell numbers apart that agree to so many decimals.
_DECIMALS = 9
_REASONS = {
    "no_actions": "there are no actions to plan with",
    "unreachable": "no sequence of the actions reaches it",
    "depth_limit": "every way is longer than a plan may be",
    "node_limit": "the limit of states to look at was reached",
    "timeout": "the time for planning was over",
    "cancelled": "planning was cancelled",
}


def reason_of(result: PlanResult) -> str:
    """Why there is no plan, in one clause."""
    return _REASONS[result.status]


def shown(value: Any) -> str:
    """A fact or a cost as people read it: numbers without the dust of their arithmetic."""
    if value is None:
        return "absent"
    if isinstance(value, float):
        value = round(value, _DECIMALS) + 0.0
    return to_text(value)


def explain_plan(plan: Plan) -> str:
    """The goal, every step with what it changes and why it costs what it costs, and the total."""
    lines = [_goal_line(plan)]
    if plan.actions:
        lines.append(f"  from {_facts(plan)}")
    worlds = plan.worlds()
    names = max((len(step.id) for step in plan.actions), default=0)
    costs = max((len(shown(step.cost)) for step in plan.actions), default=0)
    places = len(str(len(plan.actions)))
    for number, step in enumerate(plan.actions, 1):
        parts = cost_parts(step.breakdown)
        why = f"  = {', '.join(parts)}" if parts else ""
        lines.append(f"  {number:>{places}}. {step.id:<{names}}  cost {shown(step.cost):>{costs}}{why}")
        indent = " " * (places + 4)
        needs = ", ".join(f"{key} {condition}" for key, condition in step.action.preconditions)
        if needs:
            lines.append(f"{indent}needs {needs}")
        lines.append(f"{indent}{_changes(worlds[number - 1], worlds[number]) or 'changes nothing'}")
    lines.append(f"total cost {shown(plan.total_cost)}, {_looked_at(plan.nodes_expanded)}")
    return "\n".join(lines)


def explain_result(result: PlanResult, actions: Sequence[GoapAction] = ()) -> str:
    """The plan of a result; without one the reason, the unmet conditions and what came nearest.

    Args:
        actions: those planned with; told are those that change what is missing, and
            what keeps them from being taken.
    """
    if result.plan is not None:
        return "\n".join([explain_plan(result.plan), *_warnings(result)])
    lines = [f"no plan for '{result.goal.id}': {reason_of(result)}"]
    nearest = result.nearest
    helpers: dict[str, GoapAction] = {}
    for key, condition in result.unmet:
        lines.append(f"  not met: {key} {condition} (it is {shown(None if nearest is None else nearest.get(key))})")
        if actions:
            found = [action for action in actions if any(name == key for name, _ in action.effects)]
            helpers.update((action.id, action) for action in found)
            lines.append(f"    {_changed_by(key, found)}")
    if nearest is not None:
        lines += [f"    {action.id} needs {needs}" for action in helpers.values() if (needs := _lacks(action, nearest))]
    if result.nearest_steps:
        lines.append(f"  nearest after: {counted(result.nearest_steps)}")
    lines.append(_looked_at(result.nodes_expanded))
    return "\n".join([*lines, *_warnings(result)])


def cost_parts(cost: CostBreakdown) -> list[str]:
    """Where a cost comes from, part by part; nothing when it is the action's own."""
    parts = [f"{_signed(amount)} {source}" for source, amount in cost.modifiers if amount]
    if cost.director_raw:
        capped = "" if cost.director_raw == cost.director_applied else f" (of {_signed(cost.director_raw)})"
        parts.append(f"{_signed(cost.director_applied)} director{capped}")
    if not parts:
        return []
    parts.insert(0, f"base {shown(cost.base)}")
    if cost.effective != cost.total:
        parts.append(f"at least {shown(cost.effective)}")
    return parts


def _signed(amount: float) -> str:
    text = shown(float(amount))
    return text if text.startswith("-") else f"+{text}"


def _goal_line(plan: Plan) -> str:
    wanted = ", ".join(f"{key} {condition}" for key, condition in plan.goal.conditions)
    if not plan.actions:
        return f"goal '{plan.goal.id}' holds already: {wanted or 'it has no conditions'}"
    return f"goal '{plan.goal.id}': {wanted}"


def _facts(plan: Plan) -> str:
    """The facts of the first world that the goal and the steps speak of."""
    keys = dict.fromkeys(key for key, _ in plan.goal.conditions)
    for step in plan.actions:
        keys.update(dict.fromkeys(key for key, _ in (*step.action.preconditions, *step.action.effects)))
    return ", ".join(f"{key} {shown(plan.initial.get(key))}" for key in keys) or "an empty world"


def _changes(before: WorldState, after: WorldState) -> str:
    found = []
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old != new or type(old) is not type(new):
            found.append(f"{key}: {shown(old)} -> {shown(new)}")
    return ", ".join(found)


def _changed_by(key: str, actions: Sequence[GoapAction]) -> str:
    if not actions:
        return f"no action changes {key}"
    effects = [f"{action.id} ({effect})" for action in actions for name, effect in action.effects if name == key]
    return f"changed by {', '.join(effects)}"


def _lacks(action: GoapAction, world: WorldState) -> str:
    """The preconditions of an action that do not hold."""

    def told(key: str, condition: Condition) -> str:
        return f"{key} {condition} (it is {shown(world.get(key))})"

    return ", ".join(told(key, cond) for key, cond in action.preconditions if not cond.satisfied(world.get(key)))


def counted(steps: Sequence[str]) -> str:
    """Steps in their order; one that follows itself is told once, with how often."""
    found: list[tuple[str, int]] = []
    for step in steps:
        if found and found[-1][0] == step:
            found[-1] = (step, found[-1][1] + 1)
        else:
            found.append((step, 1))
    return ", ".join(step if count == 1 else f"{step} x{count}" for step, count in found)


def _looked_at(nodes: int) -> str:
    return f"{nodes} state{'' if nodes == 1 else 's'} looked at"


def _warnings(result: PlanResult) -> list[str]:
    return [f"warning: {text}" for text in result.warnings]
