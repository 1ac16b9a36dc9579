"""Costs that change while a plan is carried out (CST-06)."""

from __future__ import annotations

import pytest

from abml.vm.planner import CostTable, GoapGoal, Plan, PlannedAction, WorldState, read_actions
from abml.vm.planner.recosting import costs_changed, recost, versions

ACTIONS = read_actions({"walk": {"cost": 6}, "row": {"cost": 4}, "rest": {}})


def planned(order: list[int]) -> Plan:
    costs = CostTable(ACTIONS)
    steps = tuple(PlannedAction(ACTIONS[i], i, costs.breakdown(i).effective, costs.breakdown(i)) for i in order)
    return Plan(GoapGoal("g", ()), steps, sum(step.cost for step in steps), WorldState(), WorldState())


def with_director(**amounts: float) -> CostTable:
    costs = CostTable(ACTIONS)
    for name, amount in amounts.items():
        costs.add("director", name, amount)
    return costs


def test_only_the_steps_ahead_count() -> None:
    plan = planned([0, 1, 1])
    assert recost(plan, 0, with_director()) == 14
    assert recost(plan, 1, with_director(walk=9, row=1)) == 10
    assert recost(plan, 3, with_director(row=1)) == 0


@pytest.mark.parametrize(
    ("amount", "is_changed"), [(0, False), (2.9, False), (3, True), (30, True), (-2.9, False), (-3, True)]
)
def test_a_change_of_three_tenths_is_one(amount: float, is_changed: bool) -> None:
    assert costs_changed(planned([0, 1]), 0, with_director(walk=amount)) is is_changed


def test_changes_of_other_actions_are_none() -> None:
    assert not costs_changed(planned([0, 1]), 0, with_director(rest=50))
    assert not costs_changed(planned([0, 1]), 2, with_director(walk=50))


def test_versions_are_those_of_the_sources() -> None:
    class Source:
        name = "weather"

        def modifiers(self, actor: object, actions: object, out: CostTable) -> None: ...

        def version(self, actor: object) -> int:
            return 4 if actor == "ada" else 7

    assert versions([Source(), Source()], "ada") == (4, 4)
    assert versions([Source()]) == (7,)
