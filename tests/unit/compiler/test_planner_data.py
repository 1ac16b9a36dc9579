"""Goals and GOAP annotations as a planner finds them in a program (language 10.1 to 10.4)."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

import abml
from abml.errors import ProgramFormatError
from abml.resolver import MappingResolver

TEXT = """
version: "3.0"
metadata: {id: keeper}
imports: [ {file: lib.yml, as: lib} ]
goals:
  keep_burning: {priority: 95, description: never dark, conditions: {lamp_lit: true, oil: ">= ${least}"}}
  rest: {conditions: ["is rested", "weariness < 2"]}
variables: {least: 2}
flows:
  refill:
    goap:
      preconditions: {oil_cans: ">= 1", at: tower}
      effects: {oil: "+5", oil_cans: "-1", weariness: "= -0.5", mood: "+0.2 or -0.1"}
      cost: 2
    actions: [pour_oil]
  wait: {goap: {cost: "${least * 2}"}, actions: [noop]}
actions:
  clean: {effects: ["lamp is clean", "dirt -= 1"], steps: [wipe]}
"""
LIBRARY = """
version: "3.0"
metadata: {id: lib}
goals: {dry: {conditions: {wet: false}}}
actions: {dry_off: {effects: {wet: false}, steps: [towel]}}
"""


def entries(found: list[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [(entry["key"], entry["op"], entry["value"]) for entry in found]


def test_planner_data() -> None:
    program = abml.compile(TEXT, path="root.yml", resolver=MappingResolver({"lib.yml": LIBRARY}))
    again = abml.Program.from_bytes(program.to_bytes())
    assert again.info == program.info
    assert program.info["goap"] == {"has_goap": True, "goal_count": 3, "action_count": 4}
    assert list(program.goap_actions) == ["refill", "wait", "clean", "lib.dry_off"]
    goals = program.goals
    assert list(goals) == ["keep_burning", "rest", "lib.dry"]
    assert goals["keep_burning"]["priority"] == 95 and goals["rest"]["priority"] == 50
    assert entries(goals["rest"]["conditions"]) == [("is_rested", "==", True), ("weariness", "<", 2)]
    computed = goals["keep_burning"]["conditions"][1]
    assert (computed["key"], computed["op"]) == ("oil", ">=")
    assert program.units[computed["value"]["unit"]].kind == "thunk"

    flows = program.info["flows"]
    assert [name for name, flow in flows.items() if flow["goap"]] == ["refill", "wait", "clean", "lib.dry_off"]
    goap = flows["refill"]["goap"]
    assert entries(goap["preconditions"]) == [("oil_cans", ">=", 1), ("at", "==", "tower")]
    assert entries(goap["effects"]) == [
        ("oil", "+", 5),
        ("oil_cans", "-", 1),
        ("weariness", "=", -0.5),
        ("mood", "+", 0.2),
    ]
    assert goap["effects"][3]["alternatives"] == [{"op": "-", "value": 0.1}]
    assert goap["cost"] == 2 and flows["clean"]["goap"]["cost"] == 1.0
    assert "unit" in flows["wait"]["goap"]["cost"]
    assert entries(flows["clean"]["goap"]["effects"]) == [("lamp_is_clean", "=", True), ("dirt", "-", 1)]


def test_modifiers_and_facts() -> None:
    text = """
version: "3.0"
metadata: {id: miller}
imports: [ {file: lib.yml, as: lib} ]
world_state: {gold: "${currency.gold}", flour: 3, mill.sails: torn}
goals: {fed: {preconditions: {awake: true, bread: "< ${most}"}, conditions: {bread: ">= 1"}}}
variables: {most: 2}
flows:
  bake:
    goap:
      tags: [work]
      action_type: craft
      violations: []
      effects: {bread: "+1"}
      cost_modifiers:
        - {when: "${personality.patience > 0.5}", add: -1}
        - {add: "${transit.mode.mule.preference_cost * most}"}
    actions: [knead]
  steal: {goap: {violations: theft, cost_modifiers: {add: 2.5}}, actions: [grab]}
"""
    library = """
version: "3.0"
metadata: {id: lib}
world_state: {gold: 1, wind: "${world.wind}"}
flows: {rest: [noop]}
"""
    program = abml.compile(text, path="root.yml", resolver=MappingResolver({"lib.yml": library}))
    assert entries(program.goals["fed"]["preconditions"])[0] == ("awake", "==", True)
    assert "unit" in program.goals["fed"]["preconditions"][1]["value"]
    world = program.info["world_state"]
    assert list(world) == ["gold", "flour", "mill.sails", "wind"]
    assert (world["flour"], world["mill.sails"]) == (3, "torn")
    assert program.units[world["gold"]["unit"]].document == 0 and program.units[world["wind"]["unit"]].document == 1

    bake, steal = (program.info["flows"][name]["goap"] for name in ("bake", "steal"))
    assert (bake["tags"], bake["action_type"], bake["violations"]) == (["work"], "craft", [])
    assert [(item["source"], item["when"] >= 0) for item in bake["cost_modifiers"]] == [
        ("personality", True),
        ("environment", False),
    ]
    assert bake["cost_modifiers"][0]["add"] == -1 and "unit" in bake["cost_modifiers"][1]["add"]
    assert (steal["tags"], steal["action_type"], steal["violations"]) == ([], None, ["theft"])
    assert steal["cost_modifiers"] == [{"source": "personality", "when": -1, "add": 2.5}]


def entry(**changes: Any) -> dict[str, Any]:
    return {"key": "oil", "op": ">=", "value": 1, "text": ">= 1", "alternatives": [], **changes}


SPOILED: list[tuple[str, Callable[[dict[str, Any]], Any]]] = [
    ("no goals", lambda info: info.update(goals=[])),
    ("no preconditions", lambda info: info["goals"]["rest"].pop("preconditions")),
    ("no goal", lambda info: info["goals"].update(rest=3)),
    ("no operator", lambda info: info["goals"]["rest"]["conditions"].append(entry(op="~"))),
    ("no key", lambda info: info["goals"]["rest"]["conditions"].append(entry(key=""))),
    ("a list for a value", lambda info: info["goals"]["rest"]["conditions"].append(entry(value=[1]))),
    ("no such unit", lambda info: info["goals"]["rest"]["conditions"].append(entry(value={"unit": 9_999}))),
    ("a flow for a unit", lambda info: info["goals"]["rest"].update(priority={"unit": 0})),
    ("a priority without end", lambda info: info["goals"]["rest"].update(priority=float("inf"))),
    ("a description in numbers", lambda info: info["goals"]["rest"].update(description=3)),
    ("a cost below 0", lambda info: info["flows"]["refill"]["goap"].update(cost=-1)),
    (
        "an expression in an effect",
        lambda info: info["flows"]["refill"]["goap"]["effects"][0].update(value={"unit": 1}),
    ),
    ("a text to add", lambda info: info["flows"]["refill"]["goap"]["effects"][0].update(value="much")),
    ("two effects", lambda info: info["flows"]["refill"]["goap"]["effects"].append(entry(op="=", key="mood"))),
    ("tags in a text", lambda info: info["flows"]["refill"]["goap"].update(tags="work")),
    ("violations in numbers", lambda info: info["flows"]["refill"]["goap"].update(violations=[1])),
    ("a type in numbers", lambda info: info["flows"]["refill"]["goap"].update(action_type=1)),
    (
        "a modifier of nobody",
        lambda info: info["flows"]["refill"]["goap"].update(cost_modifiers=[{"add": 1, "when": -1}]),
    ),
    ("no modifiers", lambda info: info["flows"]["refill"]["goap"].update(cost_modifiers=None)),
    ("no planning data", lambda info: info["flows"]["refill"].update(goap=3)),
    ("facts in a list", lambda info: info.update(world_state=[1])),
    ("a fact without a name", lambda info: info.update(world_state={"": 1})),
    ("a huge fact", lambda info: info.update(world_state={"a": 10**400})),
    ("counts in texts", lambda info: info.update(goap={"goal_count": "3"})),
]


@pytest.mark.parametrize("spoil", [spoil for _, spoil in SPOILED], ids=[name for name, _ in SPOILED])
def test_spoiled_planning_data_are_refused(spoil: Callable[[dict[str, Any]], Any]) -> None:
    program = abml.compile(TEXT, path="root.yml", resolver=MappingResolver({"lib.yml": LIBRARY}))
    copied = abml.Program.from_bytes(program.to_bytes())
    spoil(copied.info)
    with pytest.raises(ProgramFormatError, match="the program is not valid: "):
        abml.Program.from_bytes(dataclasses.replace(copied).to_bytes())
