"""Plans and their absence, told for people."""

from __future__ import annotations

from typing import Any

from abml.vm.planner import CostTable, Plan, PlannedAction, PlanResult, WorldState, read_actions, read_goal
from abml.vm.planner.data import result_data

ACTIONS = read_actions(
    {
        "work": {"effects": {"gold": "+1.1"}, "cost": 3},
        "fetch_leaves": {"preconditions": {"gold": ">= 2"}, "effects": {"leaves": "+2", "gold": "-2"}, "cost": 2},
        "brew": {"preconditions": {"leaves": "> 0"}, "effects": {"tea": True, "leaves": "-1"}},
    }
)
GOAL = read_goal({"tea": True}, "keep_warm")


def plan(order: list[int], **amounts: Any) -> Plan:
    costs = CostTable(ACTIONS)
    for source, (action, amount) in amounts.items():
        costs.add(source, action, amount)
    steps = tuple(PlannedAction(ACTIONS[i], i, costs.breakdown(i).effective, costs.breakdown(i)) for i in order)
    start = end = WorldState({"gold": 0})
    for step in steps:
        end = step.action.apply(end)
    return Plan(GOAL, steps, sum(step.cost for step in steps), start, end, 17)


def test_steps_with_their_changes_and_costs() -> None:
    found = plan(
        [0, 0, 1, 2], conscience=("work", 0.25), personality=("fetch_leaves", 1.5), director=("fetch_leaves", -5)
    )
    assert found.explain() == (
        "goal 'keep_warm': tea == true\n"
        "  from tea absent, gold 0, leaves absent\n"
        "  1. work          cost 3.25  = base 3, +0.25 conscience\n"
        "     gold: 0 -> 1.1\n"
        "  2. work          cost 3.25  = base 3, +0.25 conscience\n"
        "     gold: 1.1 -> 2.2\n"
        "  3. fetch_leaves  cost  1.5  = base 2, +1.5 personality, -2 director (of -5)\n"
        "     needs gold >= 2\n"
        "     gold: 2.2 -> 0.2, leaves: absent -> 2\n"
        "  4. brew          cost    1\n"
        "     needs leaves > 0\n"
        "     leaves: 2 -> 1, tea: absent -> true\n"
        "total cost 9, 17 states looked at"
    )


def test_plans_and_steps_print_as_what_they_are() -> None:
    found = plan([0, 0, 1], director=(0, 1))
    assert repr(found) == "Plan('keep_warm', ['work', 'work', 'fetch_leaves'], cost=10.0)"
    assert repr(found.actions[0]) == "PlannedAction('work', cost=4.0)"
    assert ", ".join(map(str, found.actions)) == "work, work, fetch_leaves"


def test_a_floor_is_told() -> None:
    assert "cost 0.01  = base 1, -4 personality, at least 0.01" in plan([2], personality=("brew", -4)).explain()


def test_a_goal_that_holds() -> None:
    assert plan([]).explain().startswith("goal 'keep_warm' holds already: tea == true\n")


def test_no_plan_names_what_is_missing_and_what_changes_it() -> None:
    nearest = WorldState({"gold": 0.5, "mood": "sad"})
    goal = read_goal({"tea": True, "mood": "glad", "gold": ">= 1"}, "feast")
    result = PlanResult(
        "unreachable", None, 1, 0.0, 2.0, goal, goal.conditions, nearest, ("work", "work", "brew"), ("odd",)
    )
    from abml.vm.planner.explaining import explain_result

    assert explain_result(result, ACTIONS) == (
        "no plan for 'feast': no sequence of the actions reaches it\n"
        "  not met: tea == true (it is absent)\n"
        "    changed by brew (true)\n"
        "  not met: mood == 'glad' (it is sad)\n"
        "    no action changes mood\n"
        "  not met: gold >= 1 (it is 0.5)\n"
        "    changed by work (+1.1), fetch_leaves (-2)\n"
        "    brew needs leaves > 0 (it is absent)\n"
        "    fetch_leaves needs gold >= 2 (it is 0.5)\n"
        "  nearest after: work x2, brew\n"
        "1 state looked at\n"
        "warning: odd"
    )
    assert "changed by" not in result.explain()
    data = result_data(result, ACTIONS)
    assert data["unmet"][1] == {"key": "mood", "condition": "== 'glad'", "value": "sad", "changed_by": []}
    assert data["plan"] is None and data["nearest_steps"] == ["work", "work", "brew"]


def test_data_of_a_plan() -> None:
    found = plan([0, 1], director=("work", 2))
    data = result_data(PlanResult("found", found, 17, 1.5, 0.0, GOAL))
    first = data["plan"]["actions"][0]
    assert (first["id"], first["index"], first["cost"], first["world"]) == ("work", 0, 5, {"gold": 1.1})
    assert first["breakdown"]["director_applied"] == 2
    assert data["plan"]["total_cost"] == 7 and data["plan"]["initial"] == {"gold": 0}
    assert "planning_time_ms" not in data
