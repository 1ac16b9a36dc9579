"""One mistake, one finding: what follows from an error is not said as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import abml

CASES: list[tuple[str, list[str]]] = [
    # A condition that cannot be read is not "always false".
    ("flows: {main: [ {cond: [ {when: '${1 +}', then: [noop]} ]} ]}", ["ABML130"]),
    ("flows: {main: [ {cond: [ {when: '${}', then: [noop]} ]} ]}", ["ABML132"]),
    ("flows: {main: [ {condition: '${a.}'}, {if: {condition: '', then: [noop]}} ]}", ["ABML130", "ABML132"]),
    ("flows: {main: [ {wait: {until: '${1 +}'}} ]}", ["ABML130"]),
    # A flow whose only action cannot be read is not empty.
    ("flows: {main: [ 4 ]}", ["ABML160"]),
    ("flows: {main: [ {cond: 4} ]}", ["ABML164"]),
    ("flows: {main: [ {set: 4} ]}", ["ABML169"]),
    # What is wrong with a forbidden action besides does not matter.
    ("flows: {main: [ {publish: {topic: x}} ]}", ["ABML502"]),
    ("flows: {main: [ {publish: {topic: x, more: 1}} ]}", ["ABML502"]),
    # A function whose definition cannot be read is known.
    ("functions: {f: {params: [a]}}\nflows: {main: [ {log: '${f(1)}'} ]}", ["ABML240"]),
    ("functions: {F: {body: '1 +'}}\nflows: {main: [ {log: '${f(1, 2)}'} ]}", ["ABML130"]),
    ("functions: {f: 4}\nflows: {main: [ {log: '${f(1)}'} ]}", ["ABML110"]),
]


@pytest.mark.parametrize(("text", "codes"), CASES)
def test_one_mistake_one_finding(text: str, codes: list[str], inspect: Callable[..., Any]) -> None:
    found, _ = inspect(text)
    assert [diag.code for diag in found] == codes, "\n".join(map(str, found))


def test_functions_of_an_imported_document_that_cannot_be_read(inspect: Callable[..., Any]) -> None:
    other = "version: '3.0'\nmetadata: {id: b}\nfunctions: {f: {params: [a]}}\n"
    text = "imports: [{file: b.yml, as: b}]\nflows: {main: [ {log: '${b.f(1)}'} ]}"
    found, _ = inspect(text, files={"b.yml": other})
    assert [diag.code for diag in found if diag.is_error] == ["ABML240", "ABML225"]
    assert "ABML204" not in {diag.code for diag in found}


def test_goals_of_a_fragment_may_be_reached_elsewhere(inspect: Callable[..., Any]) -> None:
    text = "goals: {rest: {priority: 1, conditions: {tired: '== false'}}}\n"
    assert "ABML605" in {diag.code for diag in inspect(text)[0]}
    assert not inspect(text, fragment=True)[0]


def test_a_strict_manifest_makes_the_parser_strict_too() -> None:
    text = "version: '3.0'\nmetadata: {id: a}\ncontext: {variables: {x: 1}}\nflows: {main: [ {set: {y: x + 1}} ]}\n"
    assert [d.severity for d in abml.check(text) if d.code == "ABML135"] == ["warning"]
    assert [d.severity for d in abml.check(text, manifest={"strict": True}) if d.code == "ABML135"] == ["error"]
    text = (
        "version: '3.0'\nmetadata: {id: a}\nflow_s: {}\nflows: {main: [ {repeat: {times: 2, dow: [], do: [noop]}} ]}\n"
    )
    assert [(d.code, d.severity) for d in abml.check(text)] == [("ABML108", "warning"), ("ABML163", "warning")]
    found = abml.check(text, manifest={"strict": True})
    assert [(d.code, d.severity) for d in found] == [("ABML108", "error"), ("ABML163", "error")]
