"""Planning data on documents nobody wrote: read from a program as from the plain data, and formatted."""

from __future__ import annotations

import random
from typing import Any

import pytest
import yaml

import abml
from abml.vm.instance import Instance
from abml.vm.planner import read_action, read_goal
from abml.vm.planner.actors import planning_data

from .plans import Plans
from .test_formatter import check, commented


def written(data: dict[str, Any], rng: random.Random) -> str:
    return yaml.safe_dump(data, sort_keys=False, width=10**6, default_flow_style=rng.choice((False, None)))


@pytest.mark.parametrize("seed", range(150))
def test_a_program_says_what_its_document_says(seed: int) -> None:
    data = Plans(seed).document()
    program = abml.compile(written(data, random.Random(seed)))
    instance = Instance(abml.Program.from_bytes(program.to_bytes()))
    instance.create()
    found = planning_data(instance)
    assert found.goals() == tuple(read_goal(goal, name) for name, goal in data["goals"].items())

    flows = {name: flow["goap"] for name, flow in data["flows"].items() if isinstance(flow, dict)}
    actions = found.actions()
    assert [action.id for action in actions] == list(flows)
    for action, (name, goap) in zip(actions, flows.items(), strict=True):
        direct = read_action({key: value for key, value in goap.items() if key != "cost_modifiers"}, name)
        for part in ("preconditions", "effects", "cost", "action_type", "tags"):
            assert getattr(action, part) == getattr(direct, part), (name, part)
        assert action.violations == (direct.violations if "violations" in goap else direct.tags or (name,))
    assert (found.goal_count, found.action_count) == (len(data["goals"]), len(flows))
    facts = {key: 2 if value == "${oil + 1}" else value for key, value in data.get("world_state", {}).items()}
    assert dict(found.world()) == facts
    assert not [record for record in instance.logs if record["kind"] == "planning"]


@pytest.mark.parametrize("seed", range(80))
def test_formatting_keeps_what_a_document_says(seed: int) -> None:
    rng = random.Random(seed)
    check(commented(written(Plans(seed).document(), rng), rng))
