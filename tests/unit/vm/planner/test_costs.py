"""Costs: sums, the director's floor, the positive floor, odd amounts (runtime 4.6)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

import abml
from abml.vm.planner import CostTable, GoapAction, collect_costs, modifier_sources
from abml.vm.planner.costs import relative_change


def effective(base: float, **amounts: float) -> float:
    table = CostTable([GoapAction("a", cost=base)])
    for source, amount in amounts.items():
        table.add(source, 0, amount)
    return table.effective()[0]


def test_vector_g8() -> None:
    assert effective(5, conscience=10, director=-20) == 10
    assert effective(5, director=-3) == 2
    assert effective(5, personality=-4, environment=-5) == 0.01
    assert effective(5, director=-20) == 0.01
    assert effective(0) == 0


def test_dir_187_sources_are_summed_and_none_replaces_another() -> None:
    assert effective(5, conscience=1, faction=2, personality=-0.5, environment=0.25, director=4) == 11.75


def test_dir_187_a_discount_of_the_director_cancels_the_base_cost_and_nothing_else() -> None:
    assert effective(5, conscience=7, personality=2, director=-1000) == 9
    assert effective(5, director=1000) == 1005


def test_dir_187_the_breakdown_names_every_source() -> None:
    table = CostTable([GoapAction("a", cost=5)])
    table.add("conscience", "a", 1)
    table.add("weather", "a", 2)
    table.add("director", "a", -8)
    cost = table.breakdown(0)
    assert cost.to_map() == {
        "base": 5.0,
        "conscience": 1.0,
        "personality": 0.0,
        "environment": 0.0,
        "weather": 2.0,
        "director_raw": -8.0,
        "director_applied": -5.0,
        "total": 3.0,
        "effective": 3.0,
    }


def test_the_sum_before_the_floor_is_kept() -> None:
    table = CostTable([GoapAction("a", cost=2)])
    table.add("personality", 0, -9)
    assert (table.breakdown(0).total, table.breakdown(0).effective) == (-7, 0.01)


def test_the_floor_is_never_above_the_base_cost() -> None:
    assert effective(0.001, personality=-9) == 0.001
    assert effective(0, personality=-9) == 0
    assert effective(0, personality=3) == 3


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf, "3", True, [], 10**400])
def test_an_amount_that_is_no_number_is_ignored_with_one_warning(amount: Any) -> None:
    table = CostTable([GoapAction("a", cost=2), GoapAction("b", cost=3)])
    table.add("weather", 0, amount)
    table.add("weather", 0, amount)
    table.add("weather", 1, 1)
    assert table.effective() == [2, 4]
    assert len(table.warnings) == 1
    assert "'weather'" in table.warnings[0] and "'a'" in table.warnings[0]


def test_a_host_that_remembers_is_warned_once_over_all_requests() -> None:
    warned: set[tuple[str, str]] = set()
    counts = []
    for _ in range(3):
        table = CostTable([GoapAction("a")], warned=warned)
        table.add("weather", 0, math.nan)
        counts.append(len(table.warnings))
    assert counts == [1, 0, 0]


def test_without_amounts_the_costs_are_the_base_costs() -> None:
    table = CostTable([GoapAction("a", cost=2), GoapAction("b", cost=0)])
    assert table.effective() == [2, 0]
    assert not table.is_modified
    table.add("director", 0, 0)
    assert table.effective() == [2, 0]
    assert not table.is_modified


class Broken:
    name = "broken"

    def modifiers(self, actor: Any, actions: Sequence[GoapAction], out: CostTable) -> None:
        out.add(self.name, 0, 5)
        raise RuntimeError("no price list")

    def version(self, actor: Any) -> int:
        return 1


def test_a_source_that_raises_is_ignored_as_a_whole() -> None:
    table = collect_costs([GoapAction("a", cost=2)], [Broken(), *modifier_sources({"weather": {"a": 1}})])
    assert table.effective() == [3]
    assert "RuntimeError: no price list" in table.warnings[0]


def test_plain_modifiers_name_sources_or_actions() -> None:
    actions = [GoapAction("steal", cost=5, action_type="crime"), GoapAction("buy", cost=8)]
    by_source = collect_costs(actions, modifier_sources({"director": {"crime": 3}, "mood": {"buy": -1, "fly": 4}}))
    assert by_source.effective() == [8, 7]
    plain = collect_costs(actions, modifier_sources({"steal": 2}))
    assert plain.breakdown(0).modifiers == (("given", 2.0),)
    both = collect_costs(actions, modifier_sources([{"steal": 2}, {"director": {"steal": 9}}]))
    assert both.effective() == [7, 8]


@pytest.mark.parametrize("given", [3, "x", {"": 1}, {3: {}}, {"a": 1, "b": {"c": 1}}, [3], [[{"a": 1}]], [None]])
def test_other_modifiers_are_refused(given: Any) -> None:
    with pytest.raises(abml.AbmlPlanningError) as caught:
        modifier_sources(given)
    assert caught.value.code == "ABML906"


def test_relative_change() -> None:
    assert relative_change(10, 13) == pytest.approx(0.3)
    assert relative_change(10, 7) == pytest.approx(0.3)
    assert relative_change(0, 0) == 0
    assert relative_change(0, 1) == math.inf
