"""Plans as text and as pictures: `plan/NAME.txt` and `plan/NAME.svg`, of the goals of `plan/harbor.abml.yml`.

`pytest tests/golden --update-golden` writes the expected files; look at the pictures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml
from abml.vm.instance import Instance
from abml.vm.planner import modifier_sources, search
from abml.vm.planner.actors import cost_sources, planning_data
from abml.vm.planner.explaining import explain_result
from abml.vm.planner.picture import draw_result

FOLDER = Path(__file__).parent / "plan"
# name -> goal, facts of the world, modifiers.
CASES: dict[str, tuple[str, dict[str, Any], Any]] = {
    "short": ("be_warm", {"wood": 2}, None),
    "long": ("sell_fish", {"nets": "torn"}, {"personality": {"mend_nets": 0.5}, "director": {"row_out": -9}}),
    "holds": ("be_warm", {"fire": True}, None),
    "cut": ("be_rich", {"nets": "whole"}, None),
    "impossible": ("see_the_sun", {"nets": "whole"}, None),
}


@pytest.mark.parametrize("name", CASES)
def test_plan(name: str, update_golden: bool) -> None:
    goal_id, facts, modifiers = CASES[name]
    instance = Instance(abml.compile(FOLDER / "harbor.abml.yml"))
    instance.create()
    data = planning_data(instance)
    goal = next(goal for goal in data.goals() if goal.id == goal_id)
    actions = data.actions()
    sources = [*cost_sources(instance), *modifier_sources(modifiers)]
    result = search(data.world(facts), goal, actions, modifiers=sources)
    for ending, text in ((".txt", explain_result(result, actions) + "\n"), (".svg", draw_result(result, actions))):
        expected = FOLDER / (name + ending)
        if update_golden:
            expected.write_text(text, encoding="utf-8")
        assert text == expected.read_text(encoding="utf-8")


def test_the_picture_of_the_example(update_golden: bool) -> None:
    example = Path(__file__).parents[2] / "examples/14_planner"
    instance = Instance(abml.compile(example / "lamp_oil.abml.yml"))
    instance.create()
    data = planning_data(instance)
    result = search(data.world(), data.goals()[0], data.actions(), modifiers=cost_sources(instance))
    if update_golden:
        (example / "plan.svg").write_text(draw_result(result, data.actions()), encoding="utf-8")
    assert draw_result(result, data.actions()) == (example / "plan.svg").read_text(encoding="utf-8")
