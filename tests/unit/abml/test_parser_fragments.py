"""Fragments (language 0.5): parts of documents are read as what they are."""

from __future__ import annotations

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.parser import parse_document


def parse(text):
    reporter = Reporter(Source(text))
    return parse_document(reporter.source, reporter, fragment=True), [
        (int(diag.code[4:]), diag.span.line) for diag in reporter.sorted() if diag.severity != "info"
    ]


def names(doc, flow="main"):
    return [action.name for action in doc.flows[flow].actions.items]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- log: a\n- noop", ["log", "noop"]),
        ("log: a", ["log"]),
        ("call: reef\nwith: {depth: 4}", ["call"]),
        ("noop", ["noop"]),
        ("speak: Ahoy\nring: 3", ["speak", "ring"]),
        ("log: a\nlog: b", ["log", "log"]),
        ("- log: a\nlog: b\n- noop", ["log", "log", "noop"]),
        ("actions: [noop, wave]", ["noop", "wave"]),
        ("oil < 3", ["return"]),
        ("'${oil}'", ["return"]),
        ("${oil}", ["return"]),
    ],
)
def test_actions(text, expected):
    doc, found = parse(text)
    assert found == []
    assert names(doc) == expected


def test_sections_and_flows():
    doc, found = parse(
        "goals: {g: {conditions: {lit: true}}}\nvariables: {oil: 3}\npatrol: [noop]\nrest: {actions: [noop]}"
    )
    assert found == []
    assert list(doc.goals) == ["g"] and list(doc.variables) == ["oil"]
    assert list(doc.flows) == ["patrol", "rest"]


def test_metadata_fields():
    doc, found = parse("resource_templates: [tower-crew]\nfetch_mode: auto")
    assert found == []
    assert doc.metadata.fetch_mode == "auto"
    assert [template.type for template in doc.metadata.resource_templates] == ["tower-crew"]


def test_a_whole_document_is_a_fragment_too():
    doc, found = parse("metadata: {id: a}\nflows: {a: [noop]}")
    assert found == [] and doc.metadata.id == "a"


def test_a_list_followed_by_a_mapping_is_split_with_its_lines():
    doc, found = parse("# load\n- load_snapshot: {type: a, id: b, as: c}\n\n# then\ncondition: '${c.d >}'\n- goto")
    assert found == [(130, 5), (162, 6)]
    assert names(doc) == ["load_snapshot", "condition"]


def test_an_expression_is_the_value_of_a_return():
    doc, _ = parse("a + b")
    action = doc.flows["main"].actions.items[0]
    assert isinstance(action, ast.Return) and isinstance(action.value, ast.Binary)


def test_shape_and_security_checks_stay_on():
    assert parse("- http_call: {}\n- set: {3a: 1}")[1] == [(501, 1), (168, 2)]
    assert parse("{")[1][0][0] == 100
    assert parse("")[1] == []
