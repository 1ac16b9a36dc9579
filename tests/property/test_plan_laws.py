"""Laws of plans: they replay to their goal, and costs move them the way they should."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from abml.vm.planner import (
    GoalTable,
    GoapAction,
    Plan,
    PlanningOptions,
    Problem,
    WorldState,
    collect_costs,
    modifier_sources,
    satisfied,
    solve,
    validate,
)
from tests.differential.planner_cases import FACTS, deep_problem, ours, problems
from tests.reference import planner as reference

EXACT = PlanningOptions(12, 4000, 0, heuristic="zero", deterministic=True)
some_problem = problems() | st.builds(deep_problem, st.integers(0, 2**32), st.booleans())
amounts = st.integers(0, 5).map(float)


def planned(problem: Any, modifiers: dict[str, Any] | None = None, options: PlanningOptions = EXACT) -> Plan | None:
    world, goal, acts = problem
    wanted, actions = ours(goal, acts)
    costs = None if modifiers is None else collect_costs(actions, modifier_sources(modifiers))
    return solve(Problem(wanted, actions), WorldState(world), costs, options).plan


def replayed(plan: Plan) -> WorldState:
    """The world after the steps, each of which is possible when it is taken."""
    world = plan.initial
    for step in plan.actions:
        assert step.action.is_applicable(world)
        world = step.action.apply(world)
    return world


@given(some_problem, st.sampled_from(["distance_sum", "scaled", "zero"]), st.sampled_from([0.0, 1.0, 1.2]))
def test_every_plan_replays_to_its_goal(problem: Any, heuristic: str, weight: float) -> None:
    plan = planned(problem, None, PlanningOptions(10, 500, 0, weight, heuristic=heuristic, deterministic=True))
    if plan is None:
        return
    world = replayed(plan)
    assert satisfied(plan.goal.conditions, world)
    assert world == plan.expected_final
    assert [type(value) for value in world.values()] == [type(plan.expected_final[key]) for key in world]
    assert plan.total_cost == sum((step.cost for step in plan.actions), 0.0)
    assert validate(plan, 0, plan.initial, lookahead=True).valid


@given(some_problem, amounts, st.data())
def test_dir_187_making_an_action_dearer_never_touches_plans_that_avoid_it(
    problem: Any, amount: float, data: st.DataObject
) -> None:
    before = planned(problem)
    acts = problem[2]
    if before is None or not acts:
        return
    dearer = data.draw(st.sampled_from(acts)).id
    after = planned(problem, {"director": {dearer: amount}})
    assert after is not None
    # The old plan is still there, at its old cost plus what its uses of the action add.
    uses = sum(step.id == dearer for step in before.actions)
    assert before.total_cost - 1e-9 <= after.total_cost <= before.total_cost + uses * amount + 1e-9
    if uses == 0:
        assert after.total_cost <= before.total_cost + 1e-9


@given(some_problem, st.dictionaries(st.sampled_from([f"act{i}" for i in range(6)]), amounts, max_size=6), amounts)
def test_the_total_cost_grows_with_the_modifiers(problem: Any, base: dict[str, float], more: float) -> None:
    cheap = planned(problem, {"mood": base})
    dear = planned(problem, {"mood": {key: amount + more for key, amount in base.items()}})
    assert (cheap is None) == (dear is None)
    if cheap is not None and dear is not None:
        assert cheap.total_cost <= dear.total_cost + 1e-9


@given(problems(changes=False, bools=True))
def test_a_goal_table_gives_the_cheapest_shortest_earliest_plan(problem: Any) -> None:
    world, goal, acts = problem
    facts = {fact: world.get(fact, False) for fact in FACTS}
    kept = Problem(*ours(goal, acts))
    if len(kept.keys) > 16 or not acts:
        return
    table = GoalTable(kept, [WorldState(dict.fromkeys(FACTS, value)) for value in (False, True)])
    plan = table.plan(WorldState(facts))
    best = reference.cheapest(facts, goal, acts)
    assert (plan is None) == (best is None)
    if plan is not None and best is not None:
        assert (plan.total_cost, [step.id for step in plan.actions]) == best
        assert satisfied(plan.goal.conditions, replayed(plan))


@given(some_problem, st.lists(st.tuples(st.sampled_from(["conscience", "mood", "director"]), st.floats(-20, 20))))
def test_effective_costs_never_fall_below_the_floor_and_never_eat_into_other_sources(
    problem: Any, given: list[tuple[str, float]]
) -> None:
    _, goal, acts = problem
    actions: list[GoapAction] = ours(goal, acts)[1]
    if not actions:
        return
    costs = collect_costs(actions)
    for source, amount in given:
        costs.add(source, 0, amount)
    breakdown = costs.breakdown(0)
    assert breakdown.effective >= min(breakdown.base, 0.01)
    autonomy = sum(amount for _, amount in breakdown.modifiers)
    assert breakdown.effective >= autonomy - 1e-9
    assert breakdown.director_applied == max(breakdown.director_raw, -breakdown.base)
