"""The planning vectors of the runtime reference, V-G1 to V-G11; V-G13 stands with the conditions."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.vm.planner import PlanResult, Problem, WorldState, read_actions, read_goal, search, solve, validate

JOBS = {
    "eat_meal": {"preconditions": {"gold": ">= 5"}, "effects": {"hunger": "-0.6", "gold": "-5"}, "cost": 1},
    "work": {"effects": {"gold": "+10"}, "cost": 2},
}


def steps(result: PlanResult) -> list[str]:
    assert result.plan is not None
    return [step.id for step in result.plan.actions]


def test_vector_g1() -> None:
    result = search({"hunger": 0.8, "gold": 0}, {"hunger": "<= 0.3"}, JOBS)
    assert (steps(result), result.plan.cost if result.plan else None, result.nodes_expanded) == (
        ["work", "eat_meal"],
        3,
        3,
    )


def test_vector_g2() -> None:
    result = search({"level": 1}, {"level": ">= 4"}, {"level_up": {"effects": {"level": "+1"}}})
    assert (len(steps(result)), result.nodes_expanded) == (3, 4)
    assert result.plan is not None and result.plan.cost == 3


def test_vector_g3() -> None:
    actions = {
        "big_job": {"effects": {"gold": "+10"}, "cost": 10},
        "small_job": {"effects": {"gold": "+5"}, "cost": 2},
    }
    result = search({"gold": 0}, {"gold": ">= 10"}, actions)
    assert (steps(result), result.nodes_expanded) == (["small_job", "small_job"], 3)
    assert result.plan is not None and result.plan.cost == 4


@pytest.mark.parametrize(
    ("heuristic", "expected", "cost", "nodes"),
    [
        ("distance_sum", ["big_job"], 50, 2),
        ("scaled", ["small_job"] * 10, 10, 11),
        ("zero", ["small_job"] * 10, 10, 11),
    ],
)
def test_vector_g4(heuristic: str, expected: list[str], cost: float, nodes: int) -> None:
    actions = {
        "big_job": {"effects": {"gold": "+100"}, "cost": 50},
        "small_job": {"effects": {"gold": "+10"}, "cost": 1},
    }
    result = search({"gold": 0}, {"gold": ">= 100"}, actions, options={"heuristic": heuristic})
    assert (steps(result), result.nodes_expanded) == (expected, nodes)
    assert result.plan is not None and result.plan.cost == cost


def test_vector_g5() -> None:
    level_up = {"level_up": {"effects": {"level": "+1"}}}
    deep = search({"level": 1}, {"level": ">= 20"}, level_up, options={"max_depth": 5})
    assert (deep.status, deep.nodes_expanded) == ("depth_limit", 6)
    wide = search({"level": 0}, {"level": ">= 100"}, level_up, options={"max_depth": 1000, "max_nodes": 10})
    assert (wide.status, wide.nodes_expanded) == ("node_limit", 10)


def test_vector_g6() -> None:
    buy = {"buy_food": {"preconditions": {"gold": ">= 10"}, "effects": {"fed": True}}}
    result = search({"gold": 0}, {"fed": "== true"}, buy)
    assert (result.status, result.nodes_expanded) == ("unreachable", 1)
    result = search({"gold": 0}, {"magic_power": ">= 100"}, buy)
    assert (result.status, result.nodes_expanded) == ("unreachable", 0)


@pytest.mark.parametrize(("added", "chosen"), [(None, "steal"), (20.625, "buy"), (4.9, "buy"), (17.5, "buy")])
def test_vector_g7(added: float | None, chosen: str) -> None:
    actions = {
        name: {"effects": {"hunger": "-0.7"}, "cost": cost} for name, cost in (("steal", 5), ("buy", 8), ("beg", 12))
    }
    plan = abml.plan(
        {"hunger": 0.9}, {"hunger": "<= 0.3"}, actions, modifiers={"conscience": {"steal": added}} if added else None
    )
    assert plan is not None and [step.id for step in plan.actions] == [chosen]


def test_dir_023_vector_g9_an_override_changes_the_plan_and_clearing_it_restores_the_plan() -> None:
    actions = {"a": {"effects": {"done": True}, "cost": 5}, "b": {"effects": {"done": True}, "cost": 6}}
    found = []
    for override in ({}, {"director": {"a": 3}}, {}):
        plan = abml.plan({}, {"done": True}, actions, modifiers=override)
        assert plan is not None
        found.append([step.id for step in plan.actions])
    assert found == [["a"], ["b"], ["a"]]


@pytest.mark.parametrize("form", ["auto", "cells"])
def test_vector_g10(form: str) -> None:
    twins = read_actions({"first": {"effects": {"done": True}}, "second": {"effects": {"done": True}}})
    problem = Problem(read_goal({"done": True}), twins, form=form)
    assert [steps(solve(problem, WorldState())) for _ in range(20)] == [["first"]] * 20


def test_vector_g11() -> None:
    plan = abml.plan({"hunger": 0.8, "gold": 0}, {"hunger": "<= 0.3"}, JOBS)
    assert plan is not None
    found = validate(plan, 1, WorldState({"hunger": 0.8, "gold": 0}))
    expected: tuple[Any, ...] = (False, "precondition_invalidated", 1, "replan")
    assert (found.valid, found.reason, found.index, found.suggestion) == expected
