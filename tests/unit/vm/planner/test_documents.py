"""Planning data of a program as an actor of it sees them."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.errors import AbmlPlanningError
from abml.resolver import MappingResolver
from abml.vm.instance import Instance
from abml.vm.planner import Condition, Effect
from abml.vm.planner.actors import planning_data
from abml.vm.planner.documents import PlanningData

HEAD = 'version: "3.0"\nmetadata: {id: mill}\n'


def instance(text: str, **options: Any) -> Instance:
    made = Instance(
        abml.compile(HEAD + text, resolver=MappingResolver(options.pop("files", {})), path="mill.yml"), **options
    )
    made.create()
    return made


def data(text: str, **options: Any) -> tuple[PlanningData, Instance]:
    made = instance(text, **options)
    return planning_data(made), made


def warnings(made: Instance) -> list[str]:
    return [record["message"] for record in made.logs if record["kind"] == "planning"]


def test_goals_and_actions_keep_program_order() -> None:
    library = 'version: "3.0"\nmetadata: {id: lib}\ngoals: {dry: {conditions: {wet: false}}}\nflows: {dry_off: {goap: {effects: {wet: false}}, actions: [noop]}}\n'
    found, made = data(
        "imports: [{file: lib.yml, as: lib}]\n"
        "goals: {b: {priority: 9, conditions: {x: 1}}, a: {conditions: {y: '> 2'}, preconditions: {z: true}, description: why}}\n"
        "flows: {q: {goap: {}, actions: [noop]}, plain: [noop], p: {goap: {effects: {y: '+1'}}, actions: [noop]}}",
        files={"lib.yml": library},
    )
    goals, actions = found.goals(), found.actions()
    assert [goal.id for goal in goals] == ["b", "a", "lib.dry"]
    assert [goal.priority for goal in goals] == [9, 50, 50]
    assert goals[1].preconditions == (("z", Condition("==", True)),) and goals[1].description == "why"
    assert [action.id for action in actions] == ["q", "p", "lib.dry_off"]
    assert actions[1].effects == (("y", Effect("+", 1)),)
    assert (found.has_goap, found.goal_count, found.action_count) == (True, 3, 3)
    assert not warnings(made)


def test_a_document_without_planning_data() -> None:
    found, _ = data("flows: {main: [noop]}")
    assert (found.has_goap, found.goal_count, found.action_count) == (False, 0, 0)
    assert found.goals() == () and found.actions() == () and dict(found.world()) == {}


@pytest.mark.parametrize(
    ("written", "value", "expected"),
    [
        (">= ${v}", 3, Condition(">=", 3)),
        ("${v}", 3, Condition("==", 3)),
        ("${v}", ">= 3", Condition(">=", 3)),
        ("== ${v}", ">= 3", Condition("==", ">= 3")),
        ("> ${v}", "3", Condition(">", 3)),
        ("!= ${v}", True, Condition("!=", True)),
        ("${v}", None, Condition("==", None)),
        ("${v}", "", Condition("==", "")),
        ("${v}", "pier", Condition("==", "pier")),
    ],
)
def test_expressions_in_goal_conditions(written: str, value: Any, expected: Condition) -> None:
    found, _ = data(f"goals: {{g: {{conditions: {{x: '{written}'}}}}}}\nflows: {{main: [noop]}}", scope={"v": value})
    assert found.goals()[0].conditions == (("x", expected),)


def test_expressions_are_evaluated_at_every_request() -> None:
    found, made = data(
        "variables: {n: 2}\ngoals: {g: {priority: '${n * 10.4}', conditions: {x: '>= ${n}'}}}\n"
        "flows: {f: {goap: {cost: '${n / 4}'}, actions: [noop]}}"
    )
    assert (found.goals()[0].priority, found.actions()[0].cost) == (21, 0.5)
    made.base.set_slot(made.base.find("n"), 8, 1)
    assert (found.goals()[0].priority, found.actions()[0].cost) == (83, 2.0)
    assert found.goals()[0].conditions == (("x", Condition(">=", 8)),)


@pytest.mark.parametrize("value", [None, -1, "dear", True, float("inf"), [1]])
def test_a_cost_that_is_none_counts_as_the_default(value: Any) -> None:
    found, made = data("flows: {f: {goap: {cost: '${v}'}, actions: [noop]}}", scope={"v": value})
    assert found.actions()[0].cost == 1.0
    assert warnings(made)[0].startswith("the action 'f' costs 1: ")


def test_what_fails_does_not_keep_the_rest_from_planning() -> None:
    found, made = data(
        "goals: {a: {conditions: {x: '> ${1 / 0}'}}, b: {priority: '${1 / 0}', conditions: {x: 1}},"
        " c: {priority: '${v}', conditions: {x: 1}}, d: {conditions: {x: '${[1]}'}}}\n"
        "world_state: {p: '${1 / 0}', q: '${[1]}', r: 5, s: null}\n"
        "flows: {f: {goap: {cost: '${1 / 0}'}, actions: [noop]}}",
        scope={"v": "high"},
    )
    assert [(goal.id, goal.priority) for goal in found.goals()] == [("b", 50), ("c", 50)]
    assert found.actions()[0].cost == 1.0
    assert dict(found.world()) == {"r": 5}
    assert warnings(made) == [
        "the goal 'a' is left out: division by zero",
        "the priority of 'b' is 50: division by zero",
        "the priority of 'c' is 50: 'high' is no number",
        "the goal 'd' is left out: the condition of 'x' is a list, not a text or a value",
        "the action 'f' costs 1: division by zero",
        "the fact 'p' is absent: division by zero",
        "the fact 'q' is absent: [1] is no bool, number or text",
    ]


def test_sources_of_the_world_in_their_order() -> None:
    found, _ = data(
        "world_state: {a: '${purse.a}', b: bound, c: bound, d: bound, e: bound, f: bound}\nflows: {main: [noop]}",
        providers={"purse": {"a": 7}},
    )
    world = found.world(
        {"f": "given", "gone": None},
        feelings={"b": 0.5, "fear": 1, "mood": "sad", "bold": True},
        parameters={"c": "parameter", "list": [1], "nothing": None},
        memory={"d": "memory", "perception:noise": 1, "count": 3, "seen": True},
        assumed={"e": "assumed", "count": 4, "gone": 1},
    )
    assert dict(world) == {
        "a": 7,
        "b": 0.5,
        "c": "parameter",
        "d": "memory",
        "e": "assumed",
        "f": "given",
        "fear": 1,
        "count": 4,
        "seen": True,
    }
    with pytest.raises(AbmlPlanningError):
        found.world({"x": [1]})


def test_violations_fall_back_to_tags_and_then_to_the_action() -> None:
    found, _ = data(
        "flows:\n"
        "  a: {goap: {violations: [theft], tags: [work]}, actions: [noop]}\n"
        "  b: {goap: {tags: [work]}, actions: [noop]}\n"
        "  c: {goap: {action_type: craft}, actions: [noop]}\n"
        "  d: {goap: {violations: [], tags: [work]}, actions: [noop]}\n"
    )
    actions = found.actions()
    assert [action.violations for action in actions] == [("theft",), ("work",), ("c",), ()]
    assert [action.action_type for action in actions] == ["a", "b", "craft", "d"]


def test_res_063_facts_of_providers_reach_the_world() -> None:
    """The world state is extended with what providers know: currency, inventory, relationships."""
    purse = {"gold": 12.5}
    found, made = data(
        "world_state: {gold: '${currency.gold}', ropes: '${inventory.items.rope}',"
        " friend: '${relationships.mara.kind == \"friend\"}', nobody: '${currency.shells}'}\nflows: {main: [noop]}",
        providers={
            "currency": purse,
            "inventory": {"items": {"rope": 2}},
            "relationships": {"mara": {"kind": "friend"}},
        },
    )
    assert dict(found.world()) == {"gold": 12.5, "ropes": 2, "friend": True}
    purse["gold"] = 3
    made.forget_provided(1)
    assert found.world()["gold"] == 3
