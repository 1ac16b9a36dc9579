"""Modifiers of costs: of the document, of obligations, of a director."""

from __future__ import annotations

from typing import Any

import abml
from abml.vm.instance import Instance
from abml.vm.planner import CostTable, collect_costs
from abml.vm.planner.actors import cost_sources, planning_data

TEXT = """
version: "3.0"
metadata: {id: fence, conscience: true, violation_map: {grab: theft, lie: [deception, betrayal], odd: 3}}
variables: {wet: false}
flows:
  steal:
    goap:
      cost: 5
      violations: [grab, lie]
      cost_modifiers:
        - {when: "${personality.honesty > 0.5}", add: "${personality.honesty * 4}"}
        - {when: "${wet}", add: 100}
        - {add: "${world.moon ? -1 : 0.5}"}
    actions: [noop]
  buy: {goap: {cost: 8, tags: [trade], action_type: trade_goods}, actions: [noop]}
  beg: {goap: {cost: 12, cost_modifiers: [{add: "${1 / 0}"}, {add: "${label}"}]}, actions: [noop]}
"""


def table(**options: Any) -> tuple[CostTable, Instance]:
    made = Instance(abml.compile(TEXT), **options)
    made.create()
    return collect_costs(planning_data(made).actions(), cost_sources(made)), made


def parts(costs: CostTable, index: int) -> dict[str, float]:
    return {name: amount for name, amount in costs.breakdown(index).to_map().items() if amount}


def test_without_anybody_the_base_costs_stay() -> None:
    costs, _ = table(scope={"world": {"moon": False}})
    assert parts(costs, 0) == {"base": 5, "environment": 0.5, "total": 5.5, "effective": 5.5}
    assert costs.breakdown(1).effective == 8


def test_the_document_tells_personality_from_surroundings() -> None:
    costs, _ = table(providers={"personality": {"honesty": 0.75}, "world": {"moon": True}})
    assert parts(costs, 0) == {
        "base": 5, "personality": 3, "environment": -1, "total": 7, "effective": 7,
    }  # fmt: skip


def test_a_modifier_that_fails_is_ignored_with_a_warning() -> None:
    costs, _ = table(scope={"label": "dear", "world": {}})
    assert costs.breakdown(0).effective == 5.5 and costs.breakdown(2).effective == 12
    assert costs.warnings == [
        "the modifier of 'personality' for 'steal' is ignored: 'honesty' of null",
        "the modifier of 'personality' for 'beg' is ignored: division by zero",
    ]


def test_obligations_price_every_type_of_an_action() -> None:
    costs, _ = table(providers={"obligations": {"violation_cost": {"theft": 6, "betrayal": 2.5, "trade": 1}}})
    assert parts(costs, 0)["conscience"] == 8.5
    assert parts(costs, 1)["conscience"] == 1


def test_norms_count_only_where_there_are_no_obligations() -> None:
    norms = {"faction": {"norm_penalty": {"theft": 4, "beg": 3}}}
    costs, _ = table(providers=norms)
    assert parts(costs, 0)["conscience"] == 4 and parts(costs, 2)["conscience"] == 3
    costs, _ = table(providers={**norms, "obligations": {"violation_cost": {"deception": 1}}})
    assert parts(costs, 0)["conscience"] == 1 and "conscience" not in parts(costs, 2)


def test_the_conscience_is_opt_in() -> None:
    made = Instance(abml.compile(TEXT.replace("conscience: true", "conscience: false")))
    made.create()
    assert [source.name for source in cost_sources(made)] == ["document", "director"]


def test_the_director_names_action_types() -> None:
    costs, _ = table(providers={"director": {"priority": {"trade_goods": 2, "buy": 9, "steal": -20}}})
    assert parts(costs, 1) == {"base": 8, "director_raw": 2, "director_applied": 2, "total": 10, "effective": 10}
    assert costs.breakdown(0).director_applied == -5


def test_versions_follow_what_is_read() -> None:
    overrides = {"priority": {"buy": 1}}
    made = Instance(abml.compile(TEXT), providers={"director": overrides})
    made.create()
    actions, sources = planning_data(made).actions(), cost_sources(made)
    collect_costs(actions, sources)
    before = [source.version(None) for source in sources]
    assert [source.version(None) for source in sources] == before
    overrides["priority"]["steal"] = 3
    made.forget_provided(1)
    assert [source.version(None) - old for source, old in zip(sources, before, strict=True)] == [0, 0, 1]
    made.base.set_slot(made.base.find("wet"), True, 1)
    assert sources[0].version(None) == before[0] + 1
