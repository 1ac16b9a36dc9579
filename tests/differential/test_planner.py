"""The compiled planner against the slow one: same status, plan, cost and effort, in every form of world."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.vm.planner import PlanningOptions, Problem, WorldState, solve
from tests.differential.planner_cases import deep_problem, ours, problems
from tests.reference import planner as reference

limits = st.fixed_dictionaries(
    {
        "max_depth": st.sampled_from([0, 1, 3, 6, 10]),
        "max_nodes": st.sampled_from([0, 1, 5, 40, 120]),
        "weight": st.sampled_from([1.0, 1.0, 0.0, 0.5, 1.2, 2.0]),
        "heuristic": st.sampled_from(["distance_sum", "scaled", "zero"]),
        "repeats": st.booleans(),
    }
)


def compare(problem: Any, limit: dict[str, Any], form: str) -> None:
    world, goal, acts = problem
    expected = reference.search(world, goal, acts, **limit)
    options = PlanningOptions(
        limit["max_depth"], limit["max_nodes"], 0, limit["weight"], limit["repeats"], limit["heuristic"], True
    )
    result = solve(Problem(*ours(goal, acts), form=form), WorldState(world), None, options)
    steps = [step.id for step in result.plan.actions] if result.plan else []
    assert (result.status, steps, result.nodes_expanded) == (expected.status, expected.steps, expected.nodes)
    if result.plan is not None:
        assert result.plan.total_cost == expected.cost
    if expected.nodes:
        assert result.best_h == expected.best_h


@given(problems(changes=False), limits)
def test_worlds_of_few_values(problem: Any, limit: dict[str, Any]) -> None:
    compare(problem, limit, "auto")
    compare(problem, limit, "ids")
    compare(problem, limit, "cells")


@given(problems(changes=False, bools=True), limits)
def test_worlds_of_bools(problem: Any, limit: dict[str, Any]) -> None:
    compare(problem, limit, "auto")
    compare(problem, limit, "ids")
    compare(problem, limit, "cells")


@given(problems(changes=True), limits)
def test_worlds_of_numbers(problem: Any, limit: dict[str, Any]) -> None:
    compare(problem, limit, "auto")
    compare(problem, limit, "cells")


@given(st.integers(0, 2**32), st.booleans(), limits)
def test_plans_of_several_steps(seed: int, changes: bool, limit: dict[str, Any]) -> None:
    problem = deep_problem(seed, changes)
    for form in ("auto", "ids", "cells"):
        compare(problem, {**limit, "max_nodes": 5 * limit["max_nodes"]}, form)


@given(problems(changes=False, bools=True), st.lists(st.dictionaries(st.sampled_from("abcd"), st.booleans())))
def test_one_problem_serves_many_worlds(problem: Any, others: list[dict[str, Any]]) -> None:
    world, goal, acts = problem
    kept = Problem(*ours(goal, acts))
    for facts in [world, *others]:
        expected = reference.search(facts, goal, acts)
        result = solve(kept, WorldState(facts), None, PlanningOptions(deterministic=True))
        assert (result.status, result.nodes_expanded) == (expected.status, expected.nodes)


@pytest.mark.parametrize("form", ["auto", "ids", "cells"])
@given(problems(changes=False))
def test_an_admissible_estimate_finds_the_cheapest_plan(form: str, problem: Any) -> None:
    world, goal, acts = problem
    best = reference.cheapest(world, goal, acts)
    for heuristic in ("scaled", "zero"):
        options = PlanningOptions(50, 100_000, 0, heuristic=heuristic, deterministic=True)
        result = solve(Problem(*ours(goal, acts), form=form), WorldState(world), None, options)
        assert (result.plan is None) == (best is None)
        if best is not None and result.plan is not None:
            assert result.plan.total_cost == pytest.approx(best[0], abs=1e-9)


@given(problems(changes=True))
def test_estimates_of_changing_numbers_are_admissible(problem: Any) -> None:
    world, goal, acts = problem
    options = {"max_depth": 6, "max_nodes": 400}
    blind = reference.search(world, goal, acts, heuristic="zero", **options)
    if blind.status != "found":
        return
    result = solve(
        Problem(*ours(goal, acts)),
        WorldState(world),
        None,
        PlanningOptions(6, 4000, 0, heuristic="scaled", deterministic=True),
    )
    # Another way of the same cost may be longer than a plan may be; a dearer one is wrong.
    if result.plan is not None:
        assert result.plan.total_cost <= blind.cost + 1e-9
