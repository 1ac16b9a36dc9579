"""Whether a plan is still worth following (runtime 4.7), and which goal is (4.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from abml.errors import AbmlPlanningError

from .costs import SIGNIFICANT_CHANGE, relative_change
from .model import GoapGoal, Plan
from .worlds import WorldState


@dataclass(frozen=True, slots=True)
class Validation:
    """What to do with a plan.

    Attributes:
        valid: whether the plan may stand.
        reason: `none`, `plan_completed`, `goal_already_satisfied`, `precondition_invalidated`,
            `action_failed`, `better_goal_available` or `suboptimal_plan`.
        suggestion: `continue`, `abort` or `replan`.
        index: the step that cannot be taken or failed.
        better_goal: the goal that goes before.
    """

    valid: bool
    reason: str
    suggestion: str
    index: int | None = None
    better_goal: GoapGoal | None = None


def validate(
    plan: Plan,
    index: int,
    world: WorldState,
    active_goals: Iterable[GoapGoal] = (),
    *,
    has_failed: bool = False,
    recost: float | None = None,
    alternative_cost: float | None = None,
    lookahead: bool = False,
) -> Validation:
    """Check a plan before one of its steps is taken.

    Args:
        index: the step about to be taken; from the number of steps on, the plan is complete.
        world: as it is now.
        active_goals: goals of the actor; those that are not pursuable do not count.
        has_failed: the step before reported failure; `index` is still that step.
        recost: what the remaining steps cost by now (`recosting.recost`).
        alternative_cost: what another plan for the goal costs from here.
        lookahead: also simulate the remaining steps and report the first that will not be possible.

    Raises:
        AbmlPlanningError: ABML906, a negative index.
    """
    if index < 0:
        raise AbmlPlanningError("ABML906", f"the index of a step is at least 0, not {index}")
    if index >= len(plan.actions):
        return Validation(True, "plan_completed", "abort")
    if plan.goal.is_satisfied(world):
        return Validation(True, "goal_already_satisfied", "abort")
    impossible = _first_impossible(plan, index, world, lookahead)
    if impossible is not None:
        return Validation(False, "precondition_invalidated", "replan", impossible)
    if has_failed:
        return Validation(False, "action_failed", "replan", index)
    for goal in active_goals:
        is_above = goal.priority > plan.goal.priority and goal.id != plan.goal.id
        if is_above and not goal.is_satisfied(world) and goal.is_pursuable(world):
            return Validation(False, "better_goal_available", "replan", None, goal)
    if _is_suboptimal(plan.remaining_cost(index), recost, alternative_cost):
        return Validation(False, "suboptimal_plan", "replan")
    return Validation(True, "none", "continue")


def _first_impossible(plan: Plan, index: int, world: WorldState, lookahead: bool) -> int | None:
    for number in range(index, len(plan.actions) if lookahead else index + 1):
        action = plan.actions[number].action
        if not action.is_applicable(world):
            return number
        if lookahead:
            world = action.apply(world)
    return None


def _is_suboptimal(planned: float, recost: float | None, alternative: float | None) -> bool:
    if recost is not None and relative_change(planned, recost) >= SIGNIFICANT_CHANGE:
        return True
    return (
        alternative is not None
        and alternative < planned
        and relative_change(planned, alternative) >= SIGNIFICANT_CHANGE
    )


def select_goal(goals: Sequence[GoapGoal], world: WorldState, primary: str | None = None) -> GoapGoal | None:
    """The goal to plan for: the primary one if it can be pursued, else the one of highest priority.

    Only goals that are not satisfied and whose preconditions hold count; of equal
    priority the first is taken.

    Args:
        primary: name of a goal, in any case.
    """
    candidates = [goal for goal in goals if not goal.is_satisfied(world) and goal.is_pursuable(world)]
    if primary is not None:
        for goal in candidates:
            if goal.id.casefold() == primary.casefold():
                return goal
    return max(candidates, key=lambda goal: goal.priority, default=None)
