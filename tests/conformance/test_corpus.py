"""Behaviors written by others, as they are: exactly their real faults are found, the rest runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import abml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "behaviors"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the corpus does not lie beside the project")

WORLD: dict[str, Any] = {
    "agent": {
        "shop": {"is_open": True},
        "perception": {"threats": [], "suspicious": [], "allies_nearby": [], "characters_nearby": []},
        "stats": {"energy": 0.9, "health": 0.8, "stamina": 1.0},
        "combat": {"target": None},
        "emotional_state": {"mood": "happy"},
        "environment": {"indoors": True},
        "equipment": {},
    },
    "world": {
        "weather": {"temperature": 20, "raining": False},
        "time": {"period": "morning", "hour": 9},
        "patrol_routes": {"default": {"waypoints": [{"position": [0, 0]}, {"position": [4, 1]}], "loop": True}},
    },
}
RUNS = [
    ("merchant-shop.abml.yml", None, "attentive"),
    ("shared/combat-stance.abml.yml", None, "close_distance"),
    ("shared/humanoid-base.abml.yml", "ambient_idle", "idle_content"),
]


def test_the_guard_refers_to_five_flows_that_are_not_there() -> None:
    errors = [d for d in abml.check(FOLDER / "guard-patrol.abml.yml") if d.severity == "error"]
    assert {d.code for d in errors} == {"ABML201"}
    named = {d.span.line: d.message.split("'")[1] for d in errors}
    assert named == {
        97: "defend_self",
        333: "pursue_threat",
        340: "inspect_compliant",
        344: "approach_threat",
        512: "administer_aid",
    }


def test_the_guard_runs_when_told_to_be_lenient() -> None:
    result = abml.run(FOLDER / "guard-patrol.abml.yml", lenient=True, flow="halt_patrol", scope=WORLD)
    assert result.status == "suspended"
    assert [intent.action for intent in result.intents] == ["stop", "attention", "acknowledge"]


@pytest.mark.parametrize(("name", "flow", "first"), RUNS, ids=[name for name, _, _ in RUNS])
def test_the_others_check_build_save_load_and_run(name: str, flow: str | None, first: str, tmp_path: Path) -> None:
    path = FOLDER / name
    assert not [d for d in abml.check(path) if d.severity == "error"]
    abml.compile(path).save(tmp_path / "it.abmc")
    result = abml.run(abml.Program.load(tmp_path / "it.abmc"), flow=flow, scope=WORLD)
    assert (result.status, result.error) == ("completed", None)
    assert result.intents[0].action == first
