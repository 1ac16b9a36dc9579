"""Lenient programs: names that lead nowhere are warnings, and fail where they are used."""

from __future__ import annotations

import pytest

import abml

HEAD = "version: '3.0'\nmetadata: {id: lamp}\n"
CATCH = "on_error: [ {log: 'caught ${_error.kind}'} ]"


def flow(action: str, head: str = "") -> str:
    return HEAD + f"{head}flows:\n  main:\n    - {{{action}, {CATCH}}}\n"


CASES: list[tuple[str, str, str]] = [
    ("ABML201", flow("call: gone"), "flow_not_found"),
    ("ABML201", flow("goto: gone"), "flow_not_found"),
    ("ABML201", flow("call: b.gone"), "flow_not_found"),
    ("ABML202", flow("branch: gone"), "channel_not_found"),
    ("ABML202", flow("wait_for: '@gone.bell', timeout: 1s"), "wait_timeout"),
    ("ABML204", flow("set: {x: '${tally(1)}'}"), "unknown_function"),
    ("ABML217", flow("call: gone", "on_error: late\n"), "flow_not_found"),
    ("ABML220", flow("call: b.x", "imports: [{file: b.yml, as: b}]\n"), "flow_not_found"),
    ("ABML230", flow("call: x", "imports: [{schema: gone.json, types: [A]}]\n"), "flow_not_found"),
]


@pytest.mark.parametrize(("code", "text", "kind"), CASES)
def test_names_that_lead_nowhere(code: str, text: str, kind: str) -> None:
    strictly = {diag.code: diag.severity for diag in abml.check(text, path="main.yml")}
    leniently = {diag.code: diag.severity for diag in abml.check(text, path="main.yml", lenient=True)}
    # A missing function is a warning for everybody: the host may bring it.
    assert strictly[code] == ("warning" if code == "ABML204" else "error")
    assert leniently[code] == "warning"
    result = abml.run(text, path="main.yml", lenient=True)
    assert result.status == "completed"
    assert [record.message for record in result.logs] == [f"caught {kind}"]


def test_an_entry_that_leads_nowhere() -> None:
    text = HEAD + "flow: gone\nflows: {main: [noop]}\n"
    with pytest.raises(abml.CompileError):
        abml.compile(text)
    result = abml.run(text, lenient=True)
    assert result.error is not None and result.error.kind == "flow_not_found"


def test_other_errors_stay_errors() -> None:
    with pytest.raises(abml.CompileError):
        abml.compile(HEAD + "flows: {main: [break]}", lenient=True)
