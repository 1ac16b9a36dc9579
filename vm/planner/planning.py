"""Planning: from a world, a goal, actions and costs to a result (runtime 4.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from .astar import CANCELLED, EXHAUSTED, FOUND, TIMEOUT, Outcome
from .conditions import unmet
from .costs import CostBreakdown, CostTable, collect_costs, modifier_sources
from .model import GoapAction, Plan, PlannedAction, PlanResult
from .options import PRESETS, PlanningOptions, planning_options
from .problem import Problem
from .reading import read_actions, read_goal
from .worlds import WorldState


class Clock(Protocol):
    """What tells a search the time."""

    def now_us(self) -> int:
        """Microseconds from any fixed point on."""


def search(
    world: Any,
    goal: Any,
    actions: Any,
    *,
    modifiers: Any = None,
    options: Any = None,
    actor: Any = None,
    clock: Clock | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PlanResult:
    """Find the cheapest sequence of actions that makes every condition of a goal hold.

    Args:
        world: facts, key -> bool, number or text; not changed.
        goal: a `GoapGoal`, or what `read_goal` takes.
        actions: `GoapAction` objects, or what `read_actions` takes; at equal cost the earlier wins.
        modifiers: sources of costs, or what `modifier_sources` takes.
        options: `PlanningOptions`, the name of a preset, or a mapping.
        actor: handed to the sources of costs.
        clock: tells the time for `timeout_ms`; None is no limit of time.
        cancelled: asked now and then whether to give up.

    Returns:
        The plan, or why there is none and what came nearest.

    Raises:
        AbmlPlanningError: an input that cannot be read.

    Source: runtime reference 4.4; A* as in Hart, Nilsson and Raphael (1968).
    """
    start = WorldState(world)
    problem = Problem(read_goal(goal), read_actions(actions), start=start)
    costs = collect_costs(problem.actions, modifier_sources(modifiers), actor) if modifiers is not None else None
    return solve(problem, start, costs, planning_options(options), clock=clock, cancelled=cancelled)


def solve(
    problem: Problem,
    world: WorldState,
    costs: CostTable | None = None,
    options: PlanningOptions = PRESETS["default"],
    *,
    clock: Clock | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> PlanResult:
    """`search` for a problem that is kept: many worlds, the same goal and actions.

    Args:
        costs: of the problem's actions; None are the base costs.
    """
    start_us = clock.now_us() if clock is not None else 0
    warnings = () if costs is None else tuple(costs.warnings)
    goal = problem.goal
    core, start = problem.encode(world)
    if core.is_goal(start):
        plan = Plan(goal, (), 0.0, world, world, 0)
        return PlanResult("satisfied", plan, 0, 0.0, 0.0, goal, warnings=warnings)
    if not problem.actions:
        return _without_search("no_actions", problem, world, warnings)
    if problem.unaffected and unmet(problem.unaffected, world):
        return _without_search("unreachable", problem, world, warnings)
    effective = problem.base_costs if costs is None else costs.effective()
    heuristic = options.heuristic
    if heuristic == "auto":
        heuristic = "scaled" if costs is not None and costs.is_modified else "distance_sum"
    by_cost, rates = problem.estimates(effective)
    outcome = core.search(world.facts, start, effective, by_cost, rates, options, heuristic, clock, cancelled)
    took_ms = (clock.now_us() - start_us) / 1000 if clock is not None else 0.0
    if outcome.status == FOUND:
        plan = _plan(problem, world, outcome, costs)
        return PlanResult("found", plan, outcome.nodes, took_ms, outcome.best_h, goal, warnings=warnings)
    nearest = WorldState.after(world, [problem.actions[index] for index in outcome.nearest])
    return PlanResult(
        _status(outcome),
        None,
        outcome.nodes,
        took_ms,
        outcome.best_h,
        goal,
        unmet(goal.conditions, nearest),
        nearest,
        tuple(problem.actions[index].id for index in outcome.nearest),
        warnings,
    )


def plan_of(problem: Problem, world: WorldState, steps: Sequence[int], costs: CostTable | None, nodes: int) -> Plan:
    """The plan of some actions, given by their places; its cost is added in their order."""
    if costs is None or not costs.is_modified:
        planned = tuple([problem.base_step(index) for index in steps])
    else:
        planned = tuple([_step(problem.actions[index], index, costs.breakdown(index)) for index in steps])
    total = 0.0
    for step in planned:
        total += step.cost
    final = WorldState.after(world, [step.action for step in planned])
    return Plan(problem.goal, planned, total, world, final, nodes)


def _step(action: GoapAction, index: int, breakdown: CostBreakdown) -> PlannedAction:
    return PlannedAction(action, index, breakdown.effective, breakdown)


def _plan(problem: Problem, world: WorldState, outcome: Outcome, costs: CostTable | None) -> Plan:
    return plan_of(problem, world, outcome.steps, costs, outcome.nodes)


def _status(outcome: Outcome) -> str:
    if outcome.status == EXHAUSTED:
        return "depth_limit" if outcome.was_cut else "unreachable"
    if outcome.status == TIMEOUT:
        return "timeout"
    return "cancelled" if outcome.status == CANCELLED else "node_limit"


def _without_search(status: str, problem: Problem, world: WorldState, warnings: tuple[str, ...]) -> PlanResult:
    missing = unmet(problem.goal.conditions, world)
    best = sum(condition.distance(world.get(key)) for key, condition in missing)
    return PlanResult(status, None, 0, 0.0, best, problem.goal, missing, world, (), warnings)
