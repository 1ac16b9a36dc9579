"""The whole check: several documents, silencing, strictness, order, the model it gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

HEAD = "version: '3.0'\nmetadata: {id: tugs}\n"
LIB = (
    HEAD
    + """
context: {variables: {depth: 4, clock: {computed: "${depth * 2}"}}}
functions: {twice: {params: [x], body: "x * 2"}}
flows:
  approach: [ {call: moor} ]
  moor: [ {log: "${depth}"} ]
goals: {dock: {conditions: {docked: true}}}
"""
)


def codes(found: list[Any]) -> list[str]:
    return [diag.code for diag in found]


def test_names_across_documents(inspect: Callable[..., Any]) -> None:
    text = """
imports: [ tugs.yml ]
flows:
  main:
    - call: tugs.approach
    - log: "${tugs.depth + tugs.twice(2)}"
"""
    found, model = inspect(text, files={"tugs.yml": LIB})
    assert [(diag.code, diag.span.path) for diag in found] == [("ABML605", "tugs.yml")]
    assert [flow.name for flow in model.flows] == ["main", "tugs.approach", "tugs.moor"]
    assert model.resolve_flow(0, "tugs.moor") == 2
    assert model.resolve_flow(1, "moor") == 2
    assert model.resolve_flow(0, "moor") is None
    assert model.resolve_function(0, "Twice", "tugs") == 0
    assert model.goals[0].name == "tugs.dock"
    assert model.alias_of(0, "tugs") == 1
    assert model.documents[1].variables["clock"].kind == "computed"


def test_missing_flow_of_an_import(inspect: Callable[..., Any]) -> None:
    found, _ = inspect("imports: [ tugs.yml ]\nflows: {main: [ {goto: tugs.aproach} ]}", files={"tugs.yml": LIB})
    diag = next(diag for diag in found if diag.code == "ABML201")
    assert diag.help == "did you mean 'tugs.approach'?"


def test_imported_variables_belong_to_their_document(inspect: Callable[..., Any]) -> None:
    text = 'imports: [ tugs.yml ]\nflows: {main: [ {set: {"tugs.depth": 1}}, {log: "${depth}"} ]}'
    found, _ = inspect(text, files={"tugs.yml": LIB})
    assert {"ABML212", "ABML203"} <= set(codes(found))


def test_variables_of_imports(inspect: Callable[..., Any], expect: Callable[..., Any]) -> None:
    files = {"tugs.yml": LIB, "fleet.yml": HEAD + "imports: [ tugs.yml ]\nflows: {x: [noop]}\n"}
    text = 'imports: [ fleet.yml ]\nflows: {main: [ {log: "${fleet.tugs.depth + fleet.tugs.clock}"} ]}'
    found, _ = inspect(text, files=files)
    assert not {"ABML203", "ABML224"} & set(codes(found))
    text = 'imports: [ fleet.yml ]\nflows: {main: [ {log: "${fleet.tugs.¶depht.x}"} ]}'
    diag = expect(203, text, "warning", files=files)
    assert diag.help == "did you mean 'depth'?"


def test_unused_import(expect: Callable[..., Any]) -> None:
    expect(224, "imports: [ ¶tugs.yml ]\nflows: {main: [noop]}", "info", files={"tugs.yml": LIB})


def test_errors_of_checks_climb_to_the_import(inspect: Callable[..., Any]) -> None:
    files = {
        "a.yml": HEAD + "imports: [ b.yml ]\nflows: {x: [ {call: b.y} ]}\n",
        "b.yml": HEAD + "flows: {y: [ {goto: ghost} ]}\n",
    }
    found, _ = inspect("imports: [ a.yml ]\nflows: {main: [ {call: a.x} ]}", files=files)
    errors = [(diag.code, diag.span.path) for diag in found if diag.is_error]
    assert errors == [("ABML225", "a.yml"), ("ABML201", "b.yml"), ("ABML225", "main.yml")]


def test_broken_import_is_not_reported_at_every_use(inspect: Callable[..., Any]) -> None:
    found, _ = inspect("imports: [ gone.yml ]\nflows: {main: [ {call: gone.x}, {log: '${gone.y}'} ]}")
    assert codes(found) == ["ABML220"]


def test_silenced_by_document_and_flow(inspect: Callable[..., Any]) -> None:
    text = """
x-abml-ignore: [203]
flows:
  main:
    - log: "${oyl}"
    - call: other
    - goto: ghost
  other:
    x-abml-ignore: [214, 306, 201]
    actions:
      - set: { y: "${5 == '5'}" }
  third:
    triggers: [ { event: x } ]
    actions:
      - set: { y: "${5 == '5'}" }
"""
    found, _ = inspect(text)
    assert [(diag.code, diag.span.line) for diag in found] == [("ABML201", 9), ("ABML306", 17)]


def test_errors_cannot_be_silenced(inspect: Callable[..., Any]) -> None:
    found, _ = inspect("x-abml-ignore: [201, 504]\nflows: {main: [ {goto: ghost}, {call: /a/b} ]}")
    assert {"ABML201", "ABML504"} <= set(codes(found))


def test_lenient_makes_warnings_of_missing_names(inspect: Callable[..., Any]) -> None:
    found, _ = inspect("flows: {main: [ {goto: ghost} ]}", lenient=True)
    assert [(diag.code, diag.severity) for diag in found] == [("ABML201", "warning")]


def test_lenient_imports(inspect: Callable[..., Any]) -> None:
    files = {"a.yml": HEAD + "imports: [ gone.yml ]\nflows: {x: [ {goto: ghost} ]}\n"}
    text = "imports: [ a.yml ]\nflows: {main: [ {call: a.x} ]}"
    found, _ = inspect(text, files=files)
    assert [diag.code for diag in found if diag.is_error] == ["ABML220", "ABML201", "ABML225"]
    found, _ = inspect(text, files=files, lenient=True)
    assert not [diag.code for diag in found if diag.is_error]
    assert "ABML225" not in codes(found)


def test_sorted_by_position_then_code(inspect: Callable[..., Any]) -> None:
    text = "goals: {g: {}}\nflows: {b: [ {set: {y: \"${oyl + lamp - 'x'}\"}}, {goto: z} ], main: [ {goto: q} ]}"
    found, _ = inspect(text)
    places = [(diag.span.line, diag.span.column, diag.code) for diag in found]
    assert places == sorted(places)
    assert len(found) >= 5


FRAGMENTS = [
    '- log: "${oyl}"\n- goto: pier\n',
    "flows: {a: [ {call: ghost} ]}\n",
    "break\n",
    "goto: pier\n",
]


@pytest.mark.parametrize("text", FRAGMENTS)
def test_fragments_need_no_surroundings(text: str, inspect: Callable[..., Any]) -> None:
    found, _ = inspect(text, fragment=True)
    assert not [str(diag) for diag in found if diag.severity != "info"]


def test_entry_rules(inspect: Callable[..., Any]) -> None:
    cases = [
        ("flow: b\nflows: {a: [noop], b: [noop]}", 2, "b"),
        ("flows: {a: [noop], main: [noop], start: [noop]}", 4, "main"),
        ("flows: {a: [noop], on_tick: [noop], start: [noop]}", 5, "start"),
        ("flows: {a: [noop], on_tick: [noop]}", 6, "on_tick"),
        ("flows: {a: {triggers: [ {event: x} ], actions: [noop]}, b: [noop]}", 7, "b"),
    ]
    for text, rule, name in cases:
        _, model = inspect(text)
        assert (model.entry_by, model.flows[model.entry].name) == (rule, name)
    _, model = inspect("channels: {a: [noop]}")
    assert (model.entry_by, model.entry) == (3, None)


def test_channels_of_the_model(inspect: Callable[..., Any]) -> None:
    text = """
channels:
  keeper: [ { branch: storm } ]
  bell: { start: manual, actions: [ { sync: mark } ] }
  storm: [ { sync: mark } ]
  gulls: circle
flows: { circle: [ { sync: mark } ] }
"""
    _, model = inspect(text)
    assert {c.name: (c.starts, c.continuation) for c in model.channels} == {
        "keeper": (True, False),
        "bell": (False, False),
        "storm": (False, True),
        "gulls": (True, False),
    }
    assert model.channels[3].flow == 0
    assert model.sync_points["mark"].channels == [0, 1, 2, 3]
    assert model.sync_points["mark"].flows == [0]


def test_bound_and_read_names(inspect: Callable[..., Any]) -> None:
    text = """
variables: { oil: 1, wick: 2 }
flows:
  main:
    params: [ lamp ]
    actions:
      - set: { oil: 2 }
      - global: { glow: 1 }
      - for_each: { variable: boat, index: at, collection: "${agent.boats}", do: [ noop ] }
      - call: { flow: helper, args: { depth: 3 }, into: tide }
      - load_snapshot: { resource_type: crew, resource_id: x, name: dossier }
      - query_options: keeper
  helper: [ { log: "${args.depth} ${wick}" } ]
"""
    _, model = inspect(text)
    assert {"oil", "glow", "boat", "at", "depth", "tide", "lamp", "dossier", "query_result", "_result"} <= model.bound
    assert "wick" not in model.bound
    assert model.global_targets == {"glow"}
    assert model.snapshots == {"dossier"}
    assert model.reads_args
    assert not model.reads_result
    assert not model.reads_document
    assert not model.uses_render


def test_long_chains_do_not_exhaust_the_stack(inspect: Callable[..., Any]) -> None:
    for operator, operand in ((" + ", "1"), (" && ", "agent.x"), (" + ", "agent.x")):
        expression = operator.join([operand] * 5000)
        found, _ = inspect('flows: {main: [ {set: {y: "${' + expression + '}"}} ]}')
        # The parser may refuse such a chain; nothing may raise.
        assert not set(codes(found)) - {"ABML139"}
