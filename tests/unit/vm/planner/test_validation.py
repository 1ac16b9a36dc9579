"""Validation in the order of runtime 4.7, and the choice of goals of 4.9."""

from __future__ import annotations

import pytest

import abml
from abml.vm.planner import (
    GoapGoal,
    Plan,
    WorldState,
    collect_costs,
    modifier_sources,
    read_actions,
    read_conditions,
    read_goal,
    recost,
    search,
    select_goal,
    validate,
)

ACTIONS = {
    "chop": {"preconditions": {"axe": True}, "effects": {"wood": "+1"}, "cost": 4},
    "build": {"preconditions": {"wood": ">= 1"}, "effects": {"hut": True, "wood": "-1"}, "cost": 6},
}
START = WorldState({"axe": True, "wood": 0, "hut": False})
ABOVE = GoapGoal("survive", read_conditions({"health": ">= 50"}), 90)


@pytest.fixture
def plan() -> Plan:
    found = search(START, {"id": "shelter", "priority": 50, "conditions": {"hut": True}}, ACTIONS).plan
    assert found is not None
    return found


def test_the_first_reason_of_the_table_is_given(plan: Plan) -> None:
    """Each world has every later reason too."""
    without_axe = START.with_facts({"axe": False})
    late = {"active_goals": [ABOVE], "has_failed": True, "recost": 100.0}
    assert validate(plan, 2, START, **late).reason == "plan_completed"  # type: ignore[arg-type]
    assert validate(plan, 0, without_axe.with_facts({"hut": True}), **late).reason == "goal_already_satisfied"  # type: ignore[arg-type]
    assert validate(plan, 0, without_axe, **late).reason == "precondition_invalidated"  # type: ignore[arg-type]
    assert validate(plan, 0, START, **late).reason == "action_failed"  # type: ignore[arg-type]
    found = validate(plan, 0, START, [ABOVE], recost=100.0)
    assert (found.reason, found.better_goal) == ("better_goal_available", ABOVE)
    assert validate(plan, 0, START, recost=100.0).reason == "suboptimal_plan"
    assert validate(plan, 0, START).reason == "none"


def test_what_each_reason_suggests(plan: Plan) -> None:
    rows = [
        (validate(plan, 2, START), True, "abort"),
        (validate(plan, 0, START.with_facts({"hut": True})), True, "abort"),
        (validate(plan, 0, START.with_facts({"axe": None})), False, "replan"),
        (validate(plan, 0, START, has_failed=True), False, "replan"),
        (validate(plan, 0, START, [ABOVE]), False, "replan"),
        (validate(plan, 0, START, recost=13.0), False, "replan"),
        (validate(plan, 0, START), True, "continue"),
    ]
    assert [(found.valid, found.suggestion) for found, _, _ in rows] == [(valid, what) for _, valid, what in rows]


def test_only_goals_that_matter_are_better(plan: Plan) -> None:
    equal = GoapGoal("survive", ABOVE.conditions, 50)
    same = GoapGoal("shelter", ABOVE.conditions, 90)
    satisfied = GoapGoal("rich", read_conditions({"axe": True}), 90)
    not_now = GoapGoal("harvest", ABOVE.conditions, 90, read_conditions({"summer": True}))
    assert validate(plan, 0, START, [equal, same, satisfied, not_now]).reason == "none"
    second = GoapGoal("flee", ABOVE.conditions, 95)
    assert validate(plan, 0, START, [ABOVE, second]).better_goal == ABOVE


@pytest.mark.parametrize(
    ("recost", "alternative", "reason"),
    [
        (13.0, None, "suboptimal_plan"),
        (12.9, None, "none"),
        (7.0, None, "suboptimal_plan"),
        (None, 7.0, "suboptimal_plan"),
        (None, 7.1, "none"),
        (None, 20.0, "none"),
    ],
)
def test_a_plan_is_suboptimal_from_three_tenths_on(
    plan: Plan, recost: float | None, alternative: float | None, reason: str
) -> None:
    assert plan.remaining_cost(0) == 10
    assert validate(plan, 0, START, recost=recost, alternative_cost=alternative).reason == reason


def test_dir_194_an_override_during_a_plan_asks_for_another(plan: Plan) -> None:
    costs = collect_costs(read_actions(ACTIONS), modifier_sources({"director": {"build": 3}}))
    assert recost(plan, 0, costs) == 13
    assert validate(plan, 0, START, recost=recost(plan, 0, costs)).reason == "suboptimal_plan"


def test_lookahead_finds_the_step_that_will_not_be_possible(plan: Plan) -> None:
    in_debt = START.with_facts({"wood": -3})
    assert validate(plan, 0, in_debt).reason == "none"
    found = validate(plan, 0, in_debt, lookahead=True)
    assert (found.reason, found.index) == ("precondition_invalidated", 1)
    assert validate(plan, 0, START, lookahead=True).reason == "none"


def test_a_negative_index_is_refused(plan: Plan) -> None:
    with pytest.raises(abml.AbmlPlanningError):
        validate(plan, -1, START)


def test_the_goal_of_highest_priority_that_can_be_pursued_is_selected() -> None:
    goals = [
        read_goal({"id": "Rest", "priority": 10, "conditions": {"rested": True}}),
        read_goal({"id": "Eat", "priority": 60, "conditions": {"fed": True}}),
        read_goal({"id": "Drink", "priority": 60, "conditions": {"wet": True}}),
        read_goal({"id": "Fly", "priority": 99, "conditions": {"high": True}, "preconditions": {"wings": True}}),
        read_goal({"id": "Breathe", "priority": 100, "conditions": {"air": True}}),
    ]
    world = WorldState({"air": True})
    assert _id(select_goal(goals, world)) == "Eat"
    assert _id(select_goal(goals, world, "rest")) == "Rest"
    assert _id(select_goal(goals, world, "fly")) == "Eat"
    assert _id(select_goal(goals, world, "breathe")) == "Eat"
    assert _id(select_goal(goals, world, "nothing")) == "Eat"
    assert _id(select_goal(goals, world.with_facts({"wings": True}))) == "Fly"
    assert select_goal(goals[-1:], world) is None
    assert select_goal([], world) is None


def _id(goal: GoapGoal | None) -> str | None:
    return None if goal is None else goal.id
