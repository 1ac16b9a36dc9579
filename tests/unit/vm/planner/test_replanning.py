"""The action `trigger_goap_replan`, and the plans of an actor."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.vm.actions.call import Action, ActionContext, Failed
from abml.vm.actions.registry import ActionRegistry
from abml.vm.actor import Actor
from abml.vm.planner import Plan
from abml.vm.planner.replanning import Replanner

TEXT = """
version: "3.0"
metadata: {id: watch, type: character_brain}
world_state: {coins: "${currency?.coins ?? 0}"}
goals:
  be_safe: {priority: 90, conditions: {fear: "<= 0.3"}}
  be_fed: {priority: 60, conditions: {hunger: "<= 0.3"}, preconditions: {asleep: false}}
flows:
  main:
    - trigger_goap_replan: {urgency: "${how ?? 0.2}", goal: "${which}"}
    - set: {seen: "${replan_status}"}
  hide: {goap: {preconditions: {near: cellar}, effects: {fear: "-0.9"}, cost: 2}, actions: [noop]}
  go_to_cellar: {goap: {effects: {near: cellar}}, actions: [noop]}
  eat: {goap: {preconditions: {coins: ">= 3"}, effects: {hunger: "-0.6", coins: "-3"}}, actions: [noop]}
  beg: {goap: {effects: {coins: "+1"}, cost: 2}, actions: [noop]}
  forage: {goap: {effects: {hunger: "-0.6"}, cost: 6}, actions: [noop]}
variables: {how: null, which: null, seen: null}
"""


class Setup:
    """An actor with a replanner, whose host gives it names."""

    def __init__(self, text: str = TEXT, **providers: Any) -> None:
        registry = ActionRegistry()
        self.plans: list[Plan] = []
        self.actor = Actor(abml.compile(text), registry=registry, providers=providers)
        self.planner = Replanner(self.actor.instance, on_plan=self.plans.append)
        self.actor.instance.ambient["agent"] = {"id": "mara"}
        registry.register("trigger_goap_replan", self.planner.perform)
        self.now = 0

    def tick(self, **names: Any) -> dict[str, Any]:
        """What a tick with these names in place leaves in `replan_status`."""
        self.actor.instance.ambient.update(names)
        self.now += 100
        report = self.actor.tick(self.now)
        assert report.status == "completed", report
        seen: dict[str, Any] = self.actor.variables()["seen"]
        return seen


def steps(status: dict[str, Any]) -> list[str]:
    found: list[str] = status["plan"]["actions"]
    return found


def test_res_062_a_changed_feeling_and_a_trigger_give_another_plan() -> None:
    """Goals and actions of the document, a world of feelings, parameters and memory, a current goal, new plans."""
    setup = Setup(currency={"coins": 3})
    status = setup.tick(feelings={"hunger": 0.8, "fear": 0.1})
    assert status["triggered"] is True and status["status"] == "found"
    assert (status["plan"]["goal"], steps(status), status["plan"]["cost"]) == ("be_fed", ["eat"], 1)

    # A feeling changes: the goal of higher priority is open now.
    status = setup.tick(feelings={"hunger": 0.8, "fear": 0.9})
    assert (status["plan"]["goal"], steps(status)) == ("be_safe", ["go_to_cellar", "hide"])
    # What the working memory knows is a fact too.
    assert steps(setup.tick(working_memory={"near": "cellar", "perception:noise": {}})) == ["hide"]
    # The actor's own first goal goes before the priorities, and its parameters are facts.
    status = setup.tick(goals={"primary": "BE_FED", "parameters": {"coins": 0}})
    assert (status["plan"]["goal"], steps(status)) == ("be_fed", ["forage"])
    assert setup.planner.count == len(setup.plans) == 4
    assert setup.planner.plan is setup.plans[-1]


def test_res_063_a_plan_follows_what_a_provider_tells() -> None:
    purse = {"coins": 5}
    setup = Setup(currency=purse)
    assert steps(setup.tick(feelings={"hunger": 0.8})) == ["eat"]
    purse["coins"] = 1
    assert steps(setup.tick()) == ["beg", "beg", "eat"]
    purse["coins"] = 0
    assert steps(setup.tick()) == ["forage"]


def test_dir_023_an_override_shifts_the_choice() -> None:
    """Plan A costs 5, plan B 6: with an override of +3 on A it is B, without it A again."""
    text = """
version: "3.0"
metadata: {id: thief, type: character_brain}
goals: {fed: {conditions: {bread: ">= 1"}}}
flows:
  main: [{trigger_goap_replan: {}}, {set: {seen: "${replan_status}"}}]
  a: {goap: {effects: {bread: "+1"}, cost: 5, action_type: steal}, actions: [noop]}
  b: {goap: {effects: {bread: "+1"}, cost: 6}, actions: [noop]}
variables: {seen: null}
"""
    overrides: dict[str, Any] = {}
    setup = Setup(text, director=overrides)
    assert steps(setup.tick()) == ["a"]
    overrides["priority"] = {"steal": 3.0}
    status = setup.tick()
    assert (steps(status), status["plan"]["cost"]) == (["b"], 6)
    del overrides["priority"]
    assert steps(setup.tick()) == ["a"]


@pytest.mark.parametrize("name", ["be_safe", "BE_SAFE"])
def test_an_explicit_goal_goes_first(name: str) -> None:
    setup = Setup()
    setup.actor.instance.give({"which": name})
    status = setup.tick(feelings={"hunger": 0.9, "fear": 0.1}, goals={"primary": "be_fed"})
    assert (status["status"], status["plan"]["goal"]) == ("satisfied", "be_safe")


def test_without_a_goal_nothing_is_triggered() -> None:
    status = Setup().planner.replan({"goal": "be_rich"})
    assert (status["triggered"], status["message"], status["plan"]) == (False, "missing goal", None)
    bare = Setup("version: '3.0'\nmetadata: {id: a}\nflows: {main: [noop]}\n")
    assert bare.planner.replan({})["message"] == "missing goal"


def test_affected_goals_are_the_last_resort() -> None:
    status = Setup().planner.replan({"goals": [{"name": "nobody"}, "be_fed"], "world_state": {"hunger": 0, "fear": 0}})
    assert status["affected_goals"] == ["nobody", "be_fed"]
    assert (status["triggered"], status["status"], status["message"]) == (True, "satisfied", "'be_fed' holds already")


def test_parameters_may_bring_everything() -> None:
    planner = Setup().planner
    status = planner.replan(
        {
            "goal": {"conditions": {"wet": True}},
            "world_state": {"wet": False},
            "available_actions": [{"id": "swim", "effects": {"wet": True}}],
            "urgency": 0.9,
        }
    )
    assert status["plan"] == {"goal": "goal", "actions": ["swim"], "cost": 1.0}
    assert (status["options"]["max_depth"], status["options"]["max_nodes"]) == (3, 200)
    named = planner.replan({"goal": "be_fed", "world_state": {"hunger": 1}, "available_actions": ["forage", "nap"]})
    assert named["plan"]["actions"] == ["forage", "forage"]


def test_no_plan_says_why() -> None:
    planner = Setup().planner
    status = planner.replan({"goal": "be_safe", "world_state": {"fear": 1}, "available_actions": ["hide"]})
    assert (status["triggered"], status["status"], status["plan"]) == (True, "unreachable", None)
    assert status["message"].startswith("no plan for 'be_safe': ") and planner.plan is None


@pytest.mark.parametrize(
    "params", [{"world_state": [1]}, {"world_state": {"x": [1]}}, {"goal": {"conditions": {"x": ">"}}}]
)
def test_parameters_that_cannot_be_read_fail_the_action(params: dict[str, Any]) -> None:
    planner = Setup().planner
    with pytest.raises(abml.AbmlPlanningError):
        planner.replan({"goal": "be_fed", **params})
    action = Action("trigger_goap_replan", {"goal": "be_fed", **params})
    outcome = planner.perform(action, ActionContext(action))
    assert isinstance(outcome, Failed) and outcome.kind == "action_failed"


def test_an_override_in_the_middle_of_a_plan_asks_for_another() -> None:
    """The costs of the steps ahead are looked at when a source changes; three tenths more or less is another plan."""
    overrides: dict[str, Any] = {"priority": {}}
    setup = Setup(director=overrides, currency={"coins": 2})
    setup.tick(feelings={"hunger": 0.8})
    assert setup.planner.plan is not None
    assert [step.id for step in setup.planner.plan.actions] == ["beg", "eat"]

    def override(**amounts: float) -> None:
        overrides["priority"] = amounts
        setup.now += 100
        setup.actor.advance(setup.now)

    assert not setup.planner.has_other_costs()
    override(beg=0.5)
    assert not setup.planner.has_other_costs()
    override(beg=1)
    assert setup.planner.has_other_costs()
    # Told once for each change, and not about steps that are done.
    assert not setup.planner.has_other_costs()
    override(beg=9)
    assert not setup.planner.has_other_costs(1)
    override(eat=9)
    assert setup.planner.has_other_costs(1)
    assert not setup.planner.has_other_costs(2)
    assert steps(setup.tick()) == ["forage"]


def test_without_a_plan_no_costs_change() -> None:
    assert not Setup().planner.has_other_costs()
