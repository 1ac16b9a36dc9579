"""`abmlc plan`."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import abml

MARKET = """\
version: "3.0"
metadata: { id: market }
variables: { mood: null, dear: 6 }
world_state: { coins: "${purse}" }
goals:
  be_fed: { priority: 60, conditions: { hunger: "<= 0.3" } }
  be_rich: { priority: 20, conditions: { coins: ">= 100" }, preconditions: { awake: true } }
  fly: { conditions: { wings: 2 } }
flows:
  main: [ noop ]
  work: { goap: { effects: { coins: "+10" }, cost: 2 }, actions: [ noop ] }
  eat:
    goap: { preconditions: { coins: ">= 5" }, effects: { hunger: "-0.6", coins: "-5" }, action_type: meal }
    actions: [ noop ]
  forage: { goap: { effects: { hunger: "-0.6" }, cost: "${dear}" }, actions: [ noop ] }
"""
STATE = '{"hunger": 0.8}'


@pytest.fixture
def market(tmp_path: Path) -> Path:
    path = tmp_path / "market.abml.yml"
    path.write_text(MARKET)
    return path


def test_the_steps_and_why(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_fed", "--state", STATE)
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert lines[:-1] == [
        "goal 'be_fed': hunger <= 0.3",
        "  from hunger 0.8, coins absent",
        "  1. work  cost 2",
        "     coins: absent -> 10",
        "  2. eat   cost 1",
        "     needs coins >= 5",
        "     hunger: 0.8 -> 0.2, coins: 10 -> 5",
    ]
    assert lines[-1].startswith("total cost 3, ")


def test_state_and_scope_from_files(abmlc: Any, market: Path, tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(STATE)
    purse = ("--scope", '{"purse": 7}')
    answer = abmlc("plan", market, "--goal", "BE_FED", "--state", f"@{tmp_path / 'state.json'}", *purse)
    assert "1. eat  cost 1" in answer.out and "2." not in answer.out
    # What is given counts more than what the document tells.
    answer = abmlc("plan", market, "--goal", "be_fed", "--state", '{"hunger": 1, "coins": 0}', *purse)
    assert "1. work" in answer.out


def test_dir_023_modifiers_change_the_plan(abmlc: Any, market: Path) -> None:
    """An override makes the other plan the cheaper one; without it the first one is back."""

    def plan(*more: str) -> str:
        return str(abmlc("plan", market, "--goal", "be_fed", "--state", STATE, *more).out)

    assert "1. work" in plan()
    changed = plan("--modifiers", '{"director": {"meal": 4}}')
    assert "1. forage  cost 6" in changed
    assert "1. forage  cost 6  = base 5, +1 personality" in plan(
        "--modifiers", '{"director": {"meal": 4}, "personality": {"forage": 1}}', "--scope", '{"dear": 5}'
    )
    assert "1. work" in plan("--modifiers", '{"eat": 1, "work": 0.5}')
    assert "+0.5 given" in plan("--modifiers", '{"work": 0.5}')
    assert "1. work" in plan("--modifiers", "{}")


def test_a_modifier_for_nobody_is_told(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_fed", "--state", STATE, "--modifiers", '{"director": {"froage": 4}}')
    assert answer.status == 0
    assert answer.err == "warning: --modifiers: no action is named 'froage'; did you mean 'forage'?\n"


def test_without_a_goal_the_actor_chooses(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--state", STATE)
    assert answer.out.startswith("planning for 'be_fed', priority 60\n")
    answer = abmlc("plan", market, "--state", '{"hunger": 0, "awake": true, "wings": 2}')
    assert answer.out.startswith("planning for 'be_rich'")


def test_nothing_to_plan_for(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--state", '{"hunger": 0, "wings": 2}')
    assert (answer.status, answer.err) == (0, "")
    assert answer.out == (
        "nothing to plan for:\n"
        "  be_fed holds already\n"
        "  be_rich is not pursued: awake == true does not hold\n"
        "  fly holds already\n"
    )


def test_a_goal_that_holds(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_fed")
    assert answer.status == 0
    assert answer.out.startswith("goal 'be_fed' holds already: hunger <= 0.3\n")


def test_no_plan_tells_what_is_missing(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_rich", "--depth", "3")
    assert (answer.status, answer.err) == (1, "")
    assert "no plan for 'be_rich': every way is longer than a plan may be\n" in answer.out
    assert "  not met: coins >= 100 (it is 30)\n    changed by work (+10), eat (-5)\n" in answer.out
    assert "  nearest after: work x3\n" in answer.out
    answer = abmlc("plan", market, "--goal", "fly")
    assert "no action changes wings" in answer.out and "0 states looked at" in answer.out
    assert abmlc("plan", market, "--goal", "be_rich", "--nodes", "2").status == 1


@pytest.mark.parametrize(("option", "value"), [("--preset", "fast"), ("--urgency", "0.5"), ("--urgency", "0.9")])
def test_presets_limit_the_search(abmlc: Any, market: Path, option: str, value: str) -> None:
    assert abmlc("plan", market, "--goal", "be_rich").status == 0
    assert abmlc("plan", market, "--goal", "be_rich", option, value).status == 1
    assert abmlc("plan", market, "--goal", "be_rich", option, value, "--depth", "10", "--nodes", "900").status == 0


def test_json(abmlc: Any, market: Path) -> None:
    arguments = ("plan", market, "--state", STATE, "--format", "json", "--modifiers", '{"director": {"meal": 1}}')
    answer = abmlc(*arguments)
    data = json.loads(answer.out)
    assert (data["chosen"], data["goal"]["id"], data["status"], data["found"]) == (True, "be_fed", "found", True)
    assert [step["id"] for step in data["plan"]["actions"]] == ["work", "eat"]
    assert data["plan"]["total_cost"] == 4
    assert data["plan"]["actions"][1]["breakdown"]["director_applied"] == 1
    assert data["plan"]["actions"][0]["world"] == {"hunger": 0.8, "coins": 10}
    assert answer.out == abmlc(*arguments).out
    data = json.loads(abmlc("plan", market, "--goal", "fly", "--format", "json").out)
    assert (data["found"], data["plan"], data["unmet"][0]["key"]) == (False, None, "wings")


def test_pictures(abmlc: Any, market: Path, tmp_path: Path) -> None:
    picture = tmp_path / "plan.svg"
    assert abmlc("plan", market, "--goal", "be_fed", "--state", STATE, "--svg", picture).status == 0
    first = picture.read_bytes()
    assert "be_fed in 2 steps, cost 3" in "".join(ET.fromstring(first).itertext())
    abmlc("plan", market, "--goal", "be_fed", "--state", STATE, "--svg", picture)
    assert picture.read_bytes() == first
    assert abmlc("plan", market, "--goal", "fly", "--svg", picture).status == 1
    assert "no plan for fly" in picture.read_text()
    answer = abmlc("plan", market, "--goal", "be_fed", "--svg", tmp_path / "no" / "such" / "folder.svg")
    assert answer.status == 2 and "internal" not in answer.err


def test_compiled_programs_and_standard_input(abmlc: Any, market: Path, tmp_path: Path) -> None:
    compiled = tmp_path / "market.abmc"
    abml.compile(market).save(compiled)
    expected = abmlc("plan", market, "--goal", "be_fed", "--state", STATE).out
    assert abmlc("plan", compiled, "--goal", "be_fed", "--state", STATE).out == expected
    assert abmlc("plan", "-", "--goal", "be_fed", "--state", STATE, stdin=MARKET.encode()).out == expected


def test_a_goal_that_is_not_there(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_fet")
    assert (answer.status, answer.out) == (2, "")
    assert answer.err == "abmlc: no goal is named 'be_fet'; did you mean 'be_fed'?\n"
    assert "there are: be_fed, be_rich, fly" in abmlc("plan", market, "--goal", "quite_other").err


def test_a_document_without_goals(abmlc: Any, good: Path) -> None:
    answer = abmlc("plan", good)
    assert (answer.status, answer.out) == (1, "")
    assert "has no goals" in answer.err and "goals: {" in answer.err


def test_a_document_with_errors(abmlc: Any, bad: Path) -> None:
    answer = abmlc("plan", bad)
    assert (answer.status, answer.out) == (1, "") and "ABML201" in answer.err


@pytest.mark.parametrize(
    "more",
    [
        ("--state", "[]"),
        ("--state", "{"),
        ("--state", '{"hunger": [1]}'),
        ("--state", '{"hunger": 1e999}'),
        ("--state", '{"": 1}'),
        ("--state", "@/no/such/file"),
        ("--modifiers", "3"),
        ("--modifiers", '{"director": {"meal": 1}, "work": 2}'),
        ("--scope", "[]"),
        ("--urgency", "2"),
        ("--urgency", "0.5", "--preset", "fast"),
        ("--preset", "hasty"),
        ("--depth", "-1"),
        ("--nodes", "many"),
    ],
)
def test_wrong_usage(abmlc: Any, market: Path, more: tuple[str, ...]) -> None:
    answer = abmlc("plan", market, "--goal", "be_fed", *more)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err and "internal" not in answer.err and "Traceback" not in answer.err


def test_what_cannot_be_evaluated_is_told(abmlc: Any, market: Path) -> None:
    answer = abmlc("plan", market, "--goal", "be_fed", "--state", STATE, "--scope", '{"dear": "much", "purse": [1]}')
    assert answer.status == 0
    assert answer.err == (
        "warning: the action 'forage' costs 1: 'much' is no number of at least 0\n"
        "warning: the fact 'coins' is absent: [1] is no bool, number or text\n"
    )


def test_an_actor_that_cannot_begin(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "x.abml.yml"
    path.write_text(MARKET.replace("dear: 6", "dear: '${1 / 0}'"))
    answer = abmlc("plan", path, "--goal", "be_fed")
    assert (answer.status, answer.out) == (1, "") and "division_by_zero" in answer.err
