"""The formatter beyond the golden pairs: what it refuses, what it leaves alone, what it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

import abml
from abml.environment import Manifest

HEAD = 'version: "3.0"\nmetadata: { id: t }\n'


def flow(*items: str) -> str:
    """A document with one flow of these items, each in a line of its own."""
    return HEAD + "flows:\n  main:\n" + "".join(f"    - {item}\n" for item in items)


def formatted(*items: str) -> list[str]:
    """The items of that flow after formatting."""
    text = abml.format(flow(*items))
    assert text.startswith(HEAD + "flows:\n  main:")
    assert abml.format(text) == text
    return [line.removeprefix("    - ") for line in text.splitlines()[4:]]


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "- log: x",
        "",
        "just words",
        HEAD + "flows: { main: [{ log: '${' }] }",
        HEAD + "flows: { main: [{ log: a, log: b }] }",
        HEAD + "flows: { main: [{ log: a, set: { b: 1 } }] }",
        HEAD + "flows: { main: 3 }",
    ],
)
def test_errors_of_form_are_raised(text: str) -> None:
    with pytest.raises(abml.AbmlSyntaxError) as caught:
        abml.format(text)
    assert any(diag.is_error for diag in caught.value.diagnostics)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("flows: { main: [{goto: nowhere}] }", "flows: { main: [{ goto: nowhere }] }\n"),
        ("abml: 2.0\nflows: { main: [{wait: -3}] }", 'version: "2.0"\nflows: { main: [{ wait: -3 }] }\n'),
        (HEAD + "flows: { main: [{http_call: {}}] }", HEAD + "flows: { main: [http_call] }\n"),
        (HEAD + "goals: { g: { priority: high } }", HEAD + "goals: { g: { priority: high } }\n"),
    ],
)
def test_other_errors_are_no_hindrance(text: str, expected: str) -> None:
    assert abml.format(text) == expected


def test_bytes_and_paths(tmp_path: Path) -> None:
    path = tmp_path / "t.abml.yml"
    path.write_text(HEAD + "flows: { main: [noop: ] }")
    assert abml.format(path) == abml.format(path.read_bytes()) == HEAD + "flows: { main: [noop] }\n"
    with pytest.raises(abml.AbmlSyntaxError):
        abml.format(b"\xff\xfe\xff")


def test_line_breaks_stay() -> None:
    text = flow("set: a = 1").replace("\n", "\r\n")
    made = abml.format(text)
    assert made.count("\r\n") == made.count("\n")
    assert made.replace("\r\n", "\n") == abml.format(flow("set: a = 1"))


def test_long_flow_collections_are_broken() -> None:
    parts = ", ".join(f"part_{n}: {n}" for n in range(12))
    (first, *rest) = formatted(f"assemble: {{ {parts} }}")
    assert first == "assemble:"
    assert len(rest) == 12


def test_block_collections_are_not_joined() -> None:
    text = HEAD + "flows:\n  main:\n    - log: a\n"
    assert abml.format(text) == text


def test_anchors_and_aliases_stay() -> None:
    text = HEAD + (
        "flows:\n  main:\n    - if: { condition: a, then: &body [{ log: '${a  AND b}' }] }\n"
        "    - if: { condition: a, then: *body }\n"
    )
    made = abml.format(text)
    assert "then: &body [{ log: '${a  AND b}' }] }" in made
    assert '- if: { condition: "${a}", then: *body }' in made


def test_an_anchor_used_in_two_contexts_keeps_its_text() -> None:
    text = HEAD + "flows:\n  main:\n    - if: { condition: &x a > 1, then: [noop] }\n    - log: *x\n"
    assert abml.format(text) == text


def test_scalars_of_actions_nobody_knows_wait_for_a_manifest() -> None:
    text = flow("ring: 3", "sound: loud")
    assert abml.format(text) == text
    manifest = Manifest.from_data(
        {"actions": {"sound": {"params": {"volume": {"type": "string"}}, "primary": "volume"}}}
    )
    made = abml.format(text, manifest=manifest)
    assert "- ring: { value: 3 }\n    - sound: loud\n" in made


def test_modifiers_that_would_become_parameters_stay_beside() -> None:
    assert formatted("climb: { tower: north, args: 3 }") == ["climb: { tower: north, args: 3 }"]
    made = abml.format(HEAD + "flows:\n  main:\n    - climb: { to: a }\n      with: { result: b }\n")
    assert "with: { result: b }" in made


def test_the_same_fact_twice_stays_a_list() -> None:
    text = HEAD + 'goals:\n  fed: { conditions: ["oil >= 2", "oil <= 9"] }\nflows: { main: [noop] }\n'
    assert abml.format(text) == text


def test_variables_of_one_name_are_not_merged() -> None:
    text = HEAD + "variables: { a: 1 }\ncontext: { variables: { a: 2 } }\nflows: { main: [noop] }\n"
    assert abml.format(text) == text


def test_long_sums_are_no_trouble() -> None:
    text = flow('set: { a: "${' + " + ".join("b" for _ in range(150)) + '}" }')
    assert abml.format(abml.format(text)) == abml.format(text)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ('log: "it is \\"${a AND b}\\""', "log: 'it is \"${a && b}\"'"),
        ("log: ${a}", 'log: "${a}"'),
        ("log: 'a ${b  + c}'", "log: 'a ${b + c}'"),
        ("log: {{ boat }}", 'log: "{{ boat }}"'),
        ('log: "tab\\t${a AND b}"', 'log: "tab\\t${a && b}"'),
        ('say: {text: "${\'a\' + \\"b\\"}"}', "say: { text: \"${'a' + 'b'}\" }"),
        ("set: {a: '7', b: 007, c: yes, d: 1e3}", "set: { a: '7', b: 007, c: yes, d: 1e3 }"),
        ("repeat: {times: '3', do: noop}", "repeat: { times: 3, do: [noop] }"),
        ("wait: '2'", "wait: 2s"),
        ("wait: 0.5", "wait: 500ms"),
        ("wait: 86400", "wait: 1d"),
        ("wait: ${n}s", "wait: ${n}s"),
    ],
)
def test_quotes_and_spellings(item: str, expected: str) -> None:
    if item == "wait: ${n}s":
        assert abml.format(flow(item)).splitlines()[-1].strip() == '- wait: "${n}s"'
        return
    assert formatted(item) == [expected]


def test_deep_blocks_are_no_trouble() -> None:
    depth = 31
    text = flow("if: { condition: a, then: [{ " * depth + "log: a" + " }] }" * depth)
    made = abml.format(text)
    assert made == text or abml.format(made) == made


def test_comments_inside_flow_collections_break_them() -> None:
    text = HEAD + "flows:\n  main:\n    - set: { a: 1, # first\n        # second\n        b: 2 }\n"
    made = abml.format(text)
    assert made.endswith("    - set:\n        a: 1  # first\n        # second\n        b: 2\n")
    assert abml.format(made) == made


def test_a_comment_behind_a_collection_that_is_broken_stays_in_its_first_line() -> None:
    made = abml.format(HEAD + "flows:\n  main:\n    - call: reef  # here\n      with:\n        depth: 4\n")
    assert made.endswith("    - call:  # here\n        flow: reef\n        args:\n          depth: 4\n")
    made = abml.format(HEAD + "flows:\n  main:\n    # above\n    actions: [noop]  # here\n")
    assert made.endswith("flows:\n  main:  # here\n    # above\n    - noop\n")
