"""`abmlc run` and `abmlc eval`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

STORY = """\
version: "3.0"
metadata: { id: story }
flows:
  main:
    - log: "begin"
    - log: { message: "careful", level: warn }
    - emit_intent: { channel: stance, action: crouch, urgency: 0.25, target: wall }
    - ring: { strokes: 2, of: [ a, b ] }
    - wait: 2h
    - set: { x: "${1 / nothing}" }
"""


@pytest.fixture
def story(tmp_path: Path) -> Path:
    path = tmp_path / "story.abml.yml"
    path.write_text(STORY)
    return path


def test_run(abmlc: Any, good: Path) -> None:
    answer = abmlc("run", good)
    assert (answer.status, answer.out, answer.err) == (0, "hello there\ncompleted with 7\n", "")


def test_scope(abmlc: Any, good: Path, tmp_path: Path) -> None:
    assert abmlc("run", good, "--scope", '{"who": "Ada"}').out.startswith("hello Ada\n")
    (tmp_path / "scope.json").write_text('{"who": "Ben"}')
    assert abmlc("run", good, "--scope", f"@{tmp_path / 'scope.json'}").out.startswith("hello Ben\n")


@pytest.mark.parametrize("scope", ["[]", "{", "@/no/such/file", "[" * 100_000, '{"a": 1e999}x'])
def test_scope_that_is_none(abmlc: Any, good: Path, scope: str) -> None:
    answer = abmlc("run", good, "--scope", scope)
    assert answer.status == 2
    assert "internal" not in answer.err


def test_a_failure_shows_its_line(abmlc: Any, story: Path) -> None:
    answer = abmlc("run", story)
    assert answer.status == 1
    assert "warn: careful" in answer.out
    assert '  intent  stance: crouch, urgency 0.25, target "wall"' in answer.out
    assert '  action  ring  strokes: 2, of: ["a","b"]' in answer.out
    tail = answer.out.splitlines()[-5:]
    assert tail[0].startswith("failed: ")
    assert tail[1].startswith("  division_by_zero[ABML904] in flow main, in action set")
    assert tail[2].startswith(f"  {story}:10:")
    assert "${1 / nothing}" in tail[3]
    assert set(tail[4].strip()) == {"^"}


def test_things_are_told_in_their_order(abmlc: Any, story: Path) -> None:
    words = [line.split()[0] for line in abmlc("run", story).out.splitlines()]
    assert words[:4] == ["begin", "warn:", "intent", "action"]


def test_json(abmlc: Any, story: Path) -> None:
    answer = abmlc("run", story, "--json")
    assert answer.status == 1
    result = json.loads(answer.out)
    assert result["status"] == "failed"
    assert [log["message"] for log in result["logs"]] == ["begin", "careful"]
    assert result["error"]["kind"] == "division_by_zero"
    assert result["error"]["span"]["line"] == 10
    assert result["effects"][0]["params"] == {"strokes": 2, "of": ["a", "b"]}


def test_a_document_with_errors(abmlc: Any, bad: Path) -> None:
    answer = abmlc("run", bad)
    assert (answer.status, answer.out) == (1, "")
    assert "error[ABML201]" in answer.err


def test_flow_and_unknown_flow(abmlc: Any, good: Path) -> None:
    assert abmlc("run", good, "--flow", "main").status == 0
    answer = abmlc("run", good, "--flow", "evening")
    assert answer.status == 1
    assert "flow_not_found" in answer.out


def test_standard_input_and_programs(abmlc: Any, good: Path, tmp_path: Path) -> None:
    assert abmlc("run", "-", stdin=good.read_bytes()).status == 0
    abmlc("build", good)
    assert abmlc("run", tmp_path / "good.abmc").out == "hello there\ncompleted with 7\n"


def test_ticks(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "brain.abml.yml"
    path.write_text(
        'version: "3.0"\nmetadata: { id: brain, type: event_brain }\n'
        "flows: { start: [ { log: up } ], on_tick: [ { log: tick } ] }\n"
    )
    assert abmlc("run", path).out == "up\ntick\ncompleted\n"
    assert abmlc("run", path, "--ticks", "3").out == "up\ntick\ntick\ntick\ncompleted\n"


ASKS = """\
version: "3.0"
metadata: { id: asks }
flows:
  main:
    - choice:
        prompt: "Tea?"
        options:
          - { label: "Yes", value: y }
          - { label: "With milk", condition: "${milk}" }
          - { label: "No" }
    - log: "${_choice.label}"
"""


def test_answers(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "asks.abml.yml"
    path.write_text(ASKS)
    question = '  choice  Tea?  Yes = "y" | (With milk) | No\n'
    for answers, label in (('["y"]', "Yes"), ("[2]", "No"), ('["No"]', "No")):
        assert abmlc("run", path, "--answers", answers).out == f"{question}{label}\ncompleted\n"
    assert abmlc("run", path).out == f"{question}suspended, waiting for the answer to choice (give it with --answers)\n"
    refused = abmlc("run", path, "--answers", '["With milk"]')
    assert (refused.status, "is not available" in refused.out) == (1, True)
    assert abmlc("run", path, "--answers", "{}").status == 2


def test_dialogue_files(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "speaks.abml.yml"
    path.write_text(
        'version: "3.0"\nmetadata: { id: speaks }\n'
        'flows: { main: [ { speak: { text: "Good day", dialogue_ref: hail, speaker: wren } } ] }\n'
    )
    (tmp_path / "hail.yml").write_text("localizations: { de: Tag }\n")
    answer = abmlc("run", path, "--dialogue", tmp_path, "--locale", "de-AT")
    assert answer.out == '  action  speak  text: "Tag", speaker: "wren"  (localization, de)\ncompleted\n'
    assert '"Good day", speaker: "wren"  (inline)' in abmlc("run", path).out


def test_seed(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "dice.abml.yml"
    path.write_text('version: "3.0"\nmetadata: { id: dice }\nflows: { main: [ { return: "${random()}" } ] }\n')
    assert abmlc("run", path, "--seed", "42").out == "completed with 0.08386297105988216\n"
    assert abmlc("run", path).out == "completed with 0.6012629994179048\n"


def test_eval(abmlc: Any) -> None:
    assert abmlc("eval", "1 + 2 * 3").out == "7\n"
    assert abmlc("eval", "${ [1, null, 'a', 2.5] }").out == '[1, null, "a", 2.5]\n'
    assert abmlc("eval", "90s").out == '"90s"\n'
    assert abmlc("eval", "-x", "--scope", '{"x": 4}').out == "-4\n"
    assert abmlc("eval", "-", stdin=b"'a' + 'b'\n").out == '"ab"\n'
    assert abmlc("eval", "random()", "--seed", "42").out == "0.08386297105988216\n"


@pytest.mark.parametrize("text", ["1 +", "", "nope(1)", "1 / 0", "${", "(" * 5000])
def test_eval_of_what_has_no_value(abmlc: Any, text: str) -> None:
    answer = abmlc("eval", text)
    assert (answer.status, answer.out) == (1, "")
    assert "internal" not in answer.err


def test_a_failing_part_of_an_expression_is_marked(abmlc: Any) -> None:
    answer = abmlc("eval", "1 + guest.name.first * 2", "--scope", '{"guest": {}}')
    assert answer.err.splitlines() == [
        "abmlc: null_access[ABML902]: 'first' of null",
        "  1 + guest.name.first * 2",
        "      ^^^^^^^^^^^^^^^^",
    ]
    assert abmlc("eval", "-", stdin=b"[1,\n  2 / 0]").err.splitlines()[1:] == ["  2 / 0]", "  ^^^^^"]


def test_a_log_that_was_cut_says_so(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "long.abml.yml"
    line = "{ repeat: { times: 101, do: [ { repeat: { times: 100, do: [ { log: x } ] } } ] } }"
    path.write_text(f'version: "3.0"\nmetadata: {{ id: long }}\nflows: {{ main: [ {line} ] }}\n')
    first = abmlc("run", path).out.splitlines()[0]
    assert first == "... of the log, only the newest 10000 entries are kept"
    path.write_text(path.read_text().replace("101", "100"))
    assert abmlc("run", path).out.splitlines()[0] == "x"


def test_a_folder_of_dialogue_must_be_there(abmlc: Any, good: Path, tmp_path: Path) -> None:
    answer = abmlc("run", good, "--dialogue", tmp_path / "gone")
    assert (answer.status, answer.err) == (2, f"abmlc: {tmp_path / 'gone'}: no such folder\n")


def test_what_a_run_waits_for(abmlc: Any, tmp_path: Path) -> None:
    path = tmp_path / "door.abml.yml"
    head = 'version: "3.0"\nmetadata: { id: door }\n'
    path.write_text(head + "flows: { main: [ { knock: { door: north, await: completion } } ] }\n")
    answer = abmlc("run", path)
    assert answer.out.splitlines()[-1] == "suspended, waiting for the answer to knock"
    assert json.loads(abmlc("run", path, "--json").out)["reason"] == "await knock"
    path.write_text(head + "flows: { main: [ { choice: { options: [ { label: In } ] } } ] }\n")
    last = abmlc("run", path).out.splitlines()[-1]
    assert last == "suspended, waiting for the answer to choice (give it with --answers)"
    arms = "[ [ { pull: { await: completion } } ], [ { push: { await: completion } } ] ]"
    path.write_text(head + f"flows: {{ main: [ {{ parallel: {arms} }} ] }}\n")
    assert abmlc("run", path).out.splitlines()[-1] == "suspended, waiting for the answer to pull, push"
