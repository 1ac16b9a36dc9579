"""Plans as pictures: well-formed, the same bytes, and no text outside of its box."""

from __future__ import annotations

import random
import unicodedata
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from abml.vm.planner import CostTable, Plan, PlannedAction, PlanResult, WorldState, read_actions, read_goal
from abml.vm.planner.picture import draw_result

SVG = "{http://www.w3.org/2000/svg}"
WORDS = (
    "gold",
    "a<b",
    "fish & chips",
    "\x00odd\x1b",
    "漁師の網を直す仕事をする",
    "e\u0301\u0302 marks",
    "\ud800half",
    "x" * 200,
    "",
)


def planned(world: dict[str, Any], goal: Any, actions: Any, order: list[int]) -> PlanResult:
    known = read_actions(actions)
    costs = CostTable(known)
    costs.add("personality", 0, 1.5)
    costs.add("director", 0, -50)
    steps = tuple(PlannedAction(known[i], i, costs.breakdown(i).effective, costs.breakdown(i)) for i in order)
    here = there = WorldState(world)
    for step in steps:
        there = step.action.apply(there)
    plan = Plan(read_goal(goal, "wanted"), steps, sum(step.cost for step in steps), here, there, 5)
    return PlanResult("found", plan, 5, 0.0, 0.0, plan.goal)


def drawn(result: PlanResult, actions: Any = ()) -> ET.Element:
    text = draw_result(result, actions)
    assert text == draw_result(result, actions)
    text.encode()
    return ET.fromstring(text)


def texts(root: ET.Element) -> list[str]:
    return ["".join(node.itertext()) for node in root.iter(f"{SVG}text")]


def columns(text: str) -> float:
    wide = sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text if not unicodedata.combining(char)
    )
    return float(wide)


def check_room(root: ET.Element) -> None:
    """Every text lies inside the picture, and one that begins in a box ends there."""
    boxes = [
        tuple(float(node.get(name, "0")) for name in ("x", "y", "width", "height")) for node in root.iter(f"{SVG}rect")
    ]
    page = float(root.get("width", "0")), float(root.get("height", "0"))
    for node in root.iter(f"{SVG}text"):
        size = float(node.get("font-size", "13"))
        words = (node.text or "") if node.find(f"{SVG}title") is None else node.find(f"{SVG}title").tail or ""  # type: ignore[union-attr]
        width = columns(words) * size * 0.602
        x, y = float(node.get("x", "0")), float(node.get("y", "0"))
        left = x - width / 2 if node.get("text-anchor") == "middle" else x
        assert left >= 0 and left + width <= page[0] and y <= page[1], words
        for bx, by, bw, bh in boxes[1:]:
            if bw > 20 and by <= y <= by + bh:
                # In the box as a whole, or beside it.
                assert (bx <= left and left + width <= bx + bw) or left + width <= bx or left >= bx + bw, words


def test_a_plan() -> None:
    result = planned(
        {"hunger": 0.8, "gold": 0, "sky": "grey"},
        {"hunger": "<= 0.3"},
        {"work": {"effects": {"gold": "+10"}, "cost": 2}, "eat": {"preconditions": {"gold": ">= 5"}, "effects": {"hunger": "-0.6", "gold": "-5"}}},
        [0, 1],
    )  # fmt: skip
    root = drawn(result)
    found = texts(root)
    assert found[:2] == ["wanted in 2 steps, cost 2.5", "wants hunger <= 0.3"]
    assert [text for text in found if text in ("start", "after 1", "goal")] == ["start", "after 1", "goal"]
    assert {"1. work", "2. eat", "cost 1", "cost 1.5", "base 2", "+1.5 personality", "-2 director (of -50)"} <= set(
        found
    )
    assert "hunger 0.2" in found and "and 1 more fact" in found
    check_room(root)


def test_long_plans_go_on_in_further_rows() -> None:
    result = planned(
        {"n": 0}, {"n": ">= 11"}, {"step_towards_the_harbour": {"effects": {"n": "+1"}, "cost": 2}}, [0] * 11
    )
    root = drawn(result)
    assert sum(text.startswith("after") for text in texts(root)) == 10
    assert float(root.get("width", "0")) < 2000
    check_room(root)


def test_a_goal_that_holds() -> None:
    root = drawn(planned({"n": 3}, {"n": ">= 1"}, {"a": {}}, []))
    assert texts(root)[0] == "wanted holds already"
    check_room(root)


@pytest.mark.parametrize("status", ["no_actions", "unreachable", "depth_limit", "node_limit", "timeout", "cancelled"])
def test_no_plan(status: str) -> None:
    goal = read_goal({"magic": ">= 100", "sky": "clear"}, "cast")
    actions = read_actions({"study": {"effects": {"magic": "+1"}}})
    nearest = WorldState({"magic": 5, "sky": "clear"})
    root = drawn(PlanResult(status, None, 6, 0, 95, goal, goal.conditions[:1], nearest, ("study",) * 5), actions)
    found = texts(root)
    assert found[0].startswith("no plan for cast: ") and "nearest after study x5" in found
    assert "nearest, after 5" in found and "magic >= 100" in found
    check_room(root)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_names(seed: int) -> None:
    rng = random.Random(seed)
    names = [rng.choice(WORDS) + str(number) for number in range(6)]
    world = {name: rng.choice((1, 2.5, True, rng.choice(WORDS))) for name in names[:4]}
    actions = {
        name: {"preconditions": {rng.choice(names): 1}, "effects": {rng.choice(names): rng.choice(("+1", rng.choice(WORDS) or "x"))}}
        for name in names
    }  # fmt: skip
    goal = {name: 1 for name in rng.sample(names, 3)}
    result = planned(world, goal, actions, [rng.randrange(6) for _ in range(rng.randrange(9))])
    check_room(drawn(result))
    failed = PlanResult("unreachable", None, 1, 0, 1, result.goal, result.goal.conditions, WorldState(world))
    check_room(drawn(failed, read_actions(actions)))
