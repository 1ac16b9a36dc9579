"""The search as callers see it: results, reasons, limits of time, cancelling."""

from __future__ import annotations

import threading
from typing import Any

import pytest

import abml
from abml.vm.clock import VirtualClock
from abml.vm.planner import (
    PlanningOptions,
    Problem,
    WorldState,
    collect_costs,
    modifier_sources,
    read_actions,
    read_goal,
    search,
    solve,
)

COUNT = {"step": {"effects": {"n": "+1"}}}


class Ticking(VirtualClock):
    """A clock that goes on by a millisecond whenever it is read."""

    def now_us(self) -> int:
        self.micros += 1000
        return super().now_us()


def test_a_plan_is_steps_cost_and_worlds() -> None:
    plan = abml.plan({"n": 1, "colour": "red"}, {"n": ">= 3"}, COUNT)
    assert plan is not None
    assert [step.id for step in plan.actions] == ["step", "step"]
    assert (plan.cost, plan.total_cost, plan.nodes_expanded, plan.goal_id) == (2, 2, 3, "goal")
    assert dict(plan.initial) == {"n": 1, "colour": "red"}
    assert dict(plan.expected_final) == {"n": 3, "colour": "red"}
    assert type(plan.expected_final["n"]) is int
    assert [world["n"] for world in plan.worlds()] == [1, 2, 3]
    assert plan.remaining_cost(1) == 1


def test_a_satisfied_goal_has_an_empty_plan_and_no_goal_is_one() -> None:
    plan = abml.plan({"n": 3}, {"n": 3}, {})
    assert plan is not None and plan.actions == () and plan.cost == 0
    assert search({}, {}, {}).status == "satisfied"


def test_without_a_plan_the_result_says_what_is_missing_and_what_came_nearest() -> None:
    actions = {
        "walk": {"effects": {"at": "gate"}},
        "knock": {"preconditions": {"at": "gate"}, "effects": {"heard": True}},
    }
    result = search({"at": "inn"}, {"heard": True, "open": True}, {**actions, "pull": {"effects": {"open": False}}})
    assert (result.status, result.plan) == ("unreachable", None)
    assert [key for key, _ in result.unmet] == ["open"]
    assert result.nearest_steps == ("walk", "knock")
    assert result.nearest is not None and result.nearest["heard"] is True
    assert "open" in result.explain() and "walk" in result.explain()
    blind = search({"at": "inn"}, {"heard": True, "open": True}, actions, options={"heuristic": "zero"})
    assert (blind.status, blind.nodes_expanded) == ("unreachable", 0)


def test_a_contradictory_goal_is_unreachable() -> None:
    goal = ["n > 5", "n < 3"]
    result = search({"n": 0}, goal, {"to": {"effects": {"n": 9}}, "fro": {"effects": {"n": 1}}})
    assert result.status == "unreachable"
    assert [str(condition) for _, condition in result.unmet] in (["> 5"], ["< 3"])
    assert search({"n": 0}, goal, COUNT, options={"max_nodes": 50, "max_depth": 10**9}).status == "node_limit"


def test_the_time_limit_ends_a_search() -> None:
    endless = {"preset": "thorough", "max_depth": 10**9, "max_nodes": 10**9, "timeout_ms": 20}
    result = search({}, {"n": -1}, COUNT, options=endless, clock=Ticking())
    assert result.status == "timeout"
    assert result.planning_time_ms >= 20
    assert result.nodes_expanded > 0


def test_a_deterministic_search_does_not_look_at_the_clock() -> None:
    options = {"timeout_ms": 0, "deterministic": True, "max_depth": 500}
    assert search({}, {"n": 400}, COUNT, options=options, clock=Ticking()).status == "found"
    options["deterministic"] = False
    assert search({}, {"n": 400}, COUNT, options=options, clock=Ticking()).status == "timeout"


def test_a_search_can_be_cancelled() -> None:
    asked = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    result = search({}, {"n": -1}, COUNT, options={"max_depth": 10**9, "max_nodes": 10**9}, cancelled=cancelled)
    assert result.status == "cancelled"
    assert len(asked) == 4


def test_an_exception_from_outside_ends_a_search_and_leaves_it_usable() -> None:
    """As Ctrl-C does: signals are looked at between two slices."""

    def interrupt() -> bool:
        raise KeyboardInterrupt

    problem = Problem(read_goal({"n": 3}), read_actions(COUNT))
    with pytest.raises(KeyboardInterrupt):
        solve(problem, WorldState(), None, cancelled=interrupt)
    assert solve(problem, WorldState()).status == "found"


def test_auto_is_exact_as_soon_as_costs_are_modified() -> None:
    actions = read_actions(
        {"big": {"effects": {"gold": "+100"}, "cost": 50}, "small": {"effects": {"gold": "+10"}, "cost": 1}}
    )
    problem = Problem(read_goal({"gold": ">= 100"}), actions)

    def steps(modifiers: Any) -> int:
        plan = solve(problem, WorldState(), collect_costs(actions, modifier_sources(modifiers))).plan
        assert plan is not None
        return len(plan.actions)

    assert steps({}) == 1
    assert steps({"big": 0}) == 1
    assert steps({"big": 1}) == 10


def test_a_step_tells_how_its_cost_came_about() -> None:
    plan = abml.plan({}, {"n": 1}, COUNT, modifiers={"conscience": {"step": 2}, "director": {"step": -9}})
    assert plan is not None
    (step,) = plan.actions
    assert step.cost == 2
    assert step.breakdown.to_map()["director_raw"] == -9
    assert step.breakdown.to_map()["director_applied"] == -1


def test_ignored_modifiers_are_told() -> None:
    result = search({}, {"n": 1}, COUNT, modifiers={"weather": {"step": float("nan")}})
    assert result.plan is not None and result.plan.cost == 1
    assert len(result.warnings) == 1
    assert result.warnings[0] in result.explain()


@pytest.mark.parametrize("form", ["auto", "cells"])
def test_threads_may_search_one_problem(form: str) -> None:
    actions = {
        f"a{i}": {"preconditions": {f"f{i - 1}": True} if i else {}, "effects": {f"f{i}": True}} for i in range(9)
    }
    problem = Problem(read_goal({"f8": True}), read_actions(actions), form=form)
    found: list[list[str]] = []

    def work() -> None:
        for _ in range(50):
            plan = solve(problem, WorldState({"f0": False}), None, PlanningOptions(deterministic=True)).plan
            found.append([step.id for step in plan.actions] if plan else [])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[f"a{i}" for i in range(9)]] * 200


def test_the_form_follows_the_effects() -> None:
    goal = read_goal({"done": True})
    assert Problem(goal, read_actions({"a": {"effects": {"done": True}}})).form == "masks"
    assert Problem(goal, read_actions({"a": {"effects": {"done": True, "n": "+1"}}})).form == "cells"
    many = {f"a{i}": {"effects": {"done": True}} for i in range(64)}
    assert Problem(goal, read_actions(many)).form == "cells"
    wide = {"a": {"effects": {f"f{i}": True for i in range(70)}}, "b": {"effects": {f"f{i}": "x" for i in range(70)}}}
    assert Problem(goal, read_actions(wide)).form == "cells"


def test_a_goal_without_facts_of_its_own_size_is_searched_in_bits_beyond_the_direct_table() -> None:
    count = 30
    actions = {
        f"a{i}": {"preconditions": {f"f{i - 1}": True} if i else {}, "effects": {f"f{i}": True}} for i in range(count)
    }
    problem = Problem(read_goal({f"f{count - 1}": True}), read_actions(actions))
    assert problem.form == "masks"
    result = solve(problem, WorldState(), None, PlanningOptions(100, 5000, deterministic=True))
    assert result.plan is not None and len(result.plan.actions) == count


def test_worlds_with_new_values_widen_the_bits_until_numbers_serve_better() -> None:
    actions = {"mend": {"preconditions": {"wear": "> 3"}, "effects": {"wear": 0, "done": True}}}
    problem = Problem(read_goal({"done": True}), read_actions(actions))
    for wear, status in (
        (5, "found"),
        (2, "unreachable"),
        ("old", "unreachable"),
        ("7", "found"),
        (None, "unreachable"),
    ):
        assert solve(problem, WorldState({"wear": wear, "done": False})).status == status
    assert problem.form == "masks"
