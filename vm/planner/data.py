"""Results of planning as plain data, for tools, taps and topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conditions import Conditions
    from .model import GoapAction, GoapGoal, Plan, PlanResult


def result_data(result: PlanResult, actions: Sequence[GoapAction] = ()) -> dict[str, Any]:
    """Everything about a result but how long it took, so that equal requests give equal data.

    Args:
        actions: those planned with, to name the ones that change what is missing.
    """
    plan, nearest = result.plan, result.nearest
    return {
        "goal": goal_data(result.goal),
        "status": result.status,
        "found": plan is not None,
        "plan": None if plan is None else plan_data(plan),
        "nodes_expanded": result.nodes_expanded,
        "best_h": result.best_h,
        "unmet": [
            {
                "key": key,
                "condition": str(condition),
                "value": None if nearest is None else nearest.get(key),
                "changed_by": [action.id for action in actions if any(fact == key for fact, _ in action.effects)],
            }
            for key, condition in result.unmet
        ],
        "nearest": None if nearest is None else dict(nearest),
        "nearest_steps": list(result.nearest_steps),
        "warnings": list(result.warnings),
    }


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan: its steps with their costs and the world after each."""
    worlds = plan.worlds()
    return {
        "actions": [
            {
                "id": step.id,
                "index": step.index,
                "cost": step.cost,
                "breakdown": step.breakdown.to_map(),
                "world": dict(world),
            }
            for step, world in zip(plan.actions, worlds[1:], strict=True)
        ],
        "total_cost": plan.total_cost,
        "initial": dict(plan.initial),
        "expected_final": dict(plan.expected_final),
    }


def goal_data(goal: GoapGoal) -> dict[str, Any]:
    """A goal with its conditions as documents write them."""
    return {
        "id": goal.id,
        "priority": goal.priority,
        "conditions": _written(goal.conditions),
        "preconditions": _written(goal.preconditions),
    }


def _written(conditions: Conditions) -> list[dict[str, str]]:
    """A list, because a fact may have several conditions."""
    return [{"key": key, "condition": str(condition)} for key, condition in conditions]
