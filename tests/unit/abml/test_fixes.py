"""Fixes: what they write, and that a document with all of them applied has none of their diagnostics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import abml
from abml.cli.fixes import mend
from abml.cli.inputs import Input
from abml.diagnostics import Diagnostic, Fix, pages
from abml.renaming import renaming
from abml.source import Source, Span

HEAD = 'version: "3.0"\nmetadata: { id: lamp }\n'
REGISTRY = {"templates": [{"type": "tower-crew", "namespace": "crew", "paths": {"size": "int", "mood": "string"}}]}
MANIFEST = {
    "actions": {"ring_bell": {"params": {"tone": "enum(low, high)"}, "open": False}},
    "routes": {"/ledger/append": "ring_bell"},
    "functions": {"tally": {"params": ["any"]}},
    "strict": True,
}


def mended(text: str, **given: Any) -> tuple[str, list[Diagnostic]]:
    def check(data: bytes) -> list[Diagnostic]:
        return abml.check(data, path="t.yml", **given)

    data = text.encode()
    source, left = mend(Input("t.yml", None, data), check(data), check)
    return source.data.decode(), left


# (code, document below the head, the same with its fixes)
CASES: list[tuple[int, str, str]] = [
    (103, "flows: {main: [noop]}\nchannels:\n  a: [ {wait_for: @b.x} ]\n  b: [ {emit: x} ]\n", '"@b.x"'),
    (108, "flow_s: {main: [noop]}\n", "flows: {main: [noop]}\n"),
    (135, "flows: {main: [ {set: {x: 1, y: x + 1}} ]}\n", '{x: 1, y: "${x + 1}"}'),
    (141, "flows: {main: [ {log: '{{ agent.name | upcasee }}'} ]}\n", "'{{ agent.name | upcase }}'"),
    (163, "flows: {main: [ {repeat: {tims: 2, do: [noop]}} ]}\n", "{repeat: {times: 2, do: [noop]}}"),
    (201, "flows: {main: [ {goto: peir} ], pier: [noop]}\n", "{goto: pier}"),
    (201, "flows: {main: [ {call: {flow: 'peir'}} ], pier: [noop]}\n", "{call: {flow: 'pier'}}"),
    (202, "channels:\n  jib: [ {wait_for: '@boon.x'} ]\n  boom: [ {emit: x} ]\n", "'@boom.x'"),
    (203, "context: {variables: {oil: 3}}\nflows: {main: [ {log: 'at ${oyl} now'} ]}\n", "'at ${oil} now'"),
    (204, "flows: {main: [ {log: '${agent.n + roud(agent.x)}'} ]}\n", "round(agent.x)"),
    (204, "flows: {main: [ {log: '${agent.x.uper()}'} ]}\n", "agent.x.upper()"),
    (215, "flow: peir\nflows: {pier: [noop]}\n", "flow: pier\n"),
    (217, "on_error: lat\nflows: {main: [noop], late: [noop]}\n", "on_error: late\n"),
    (304, "context: {variables: {x: {type: strng, default: a}}}\nflows: {main: [noop]}\n", "{type: string,"),
    (
        305,
        "context: {variables: {x: {type: 'enum(calm, brisk)', default: calm}}}\nflows: {main: [ {set: {x: brsk}} ]}\n",
        "{set: {x: brisk}}",
    ),
    (312, "flows: {main: [ {emit_intent: {channel: stanse, action: low}} ]}\n", "{channel: stance,"),
    (505, "flows: {main: [ {ring_bel: {tone: low}} ]}\n", "{ring_bell: {tone: low}}"),
    (510, "flows: {main: [ {ring_bell: {ton: low}} ]}\n", "{ring_bell: {tone: low}}"),
    (503, 'flows: {main: [ {call: "/ledger/apend", with: {tone: low}} ]}\n', '"/ledger/append"'),
    (701, "channels:\n  a: [ {wait_for: '@b.bel'} ]\n  b: [ {emit: bell} ]\n", "'@b.bell'"),
    (
        170,
        "flows:\n  main:\n    - if a > 1:\n        tone: grave\n        weight: 2\n",
        "    - if a > 1:\n        set:\n          tone: grave\n          weight: 2\n",
    ),
    (
        501,
        'flows: {main: [ {http_call: {url: "/ledger/append", data: {tone: low}}} ]}\n',
        '{call: "/ledger/append", with: {tone: low}}',
    ),
    (
        501,
        "flows:\n  main:\n    - api_call:\n        service: ledger\n        endpoint: /ledger/append\n"
        "        data:\n          # how\n          tone: low\n        result: sound\n      on_error: [noop]\n",
        "    - call: /ledger/append\n      with:\n        tone: low\n      into: sound\n      on_error: [noop]\n",
    ),
]


@pytest.mark.parametrize(("code", "text", "part"), CASES)
def test_fix(code: int, text: str, part: str) -> None:
    found = abml.check(HEAD + text, path="t.yml", manifest=MANIFEST)
    assert f"ABML{code}" in {diag.code for diag in found}, "\n".join(map(str, found))
    after, left = mended(HEAD + text, manifest=MANIFEST)
    assert part in after
    assert f"ABML{code}" not in {diag.code for diag in left}, "\n".join(map(str, left))


RESOURCES: list[tuple[int, str, str]] = [
    (403, "post.crew.syze", "post.crew.size"),
    (403, "post.crw.size", "post.crew.size"),
    (413, "post.Crew.Size", "post.crew.size"),
]


@pytest.mark.parametrize(("code", "path", "better"), RESOURCES)
def test_fix_of_paths(code: int, path: str, better: str) -> None:
    text = (
        'version: "3.0"\nmetadata: { id: lamp, resource_templates: [tower-crew] }\nflows:\n  main:\n'
        "    - load_snapshot: { resource_type: tower, resource_id: north, name: post }\n"
        f'    - log: "${{{path}}}"\n'
    )
    assert f"ABML{code}" in {diag.code for diag in abml.check(text, templates=REGISTRY)}
    after, left = mended(text, templates=REGISTRY)
    assert after == text.replace(path, better)
    assert not left


NONE: list[tuple[int, str]] = [
    # Two names are as near.
    (201, "flows: {main: [ {goto: pie} ], pier: [noop], pies: [noop]}\n"),
    # Longer, so only a guess.
    (201, "flows: {main: [ {goto: pier} ], pierhead: [noop]}\n"),
    # The right key is there already.
    (163, "flows: {main: [ {repeat: {tims: 2, times: 3, do: [noop]}} ]}\n"),
    (108, "flow_s: {}\nflows: {main: [noop]}\n"),
    # Several reads, of which an edit would mend one.
    (203, "context: {variables: {oil: 3}}\nflows: {main: [ {log: '${oyl} ${oyl}'} ]}\n"),
    # It names no route, or says more than a route can take.
    (501, 'flows: {main: [ {http_call: {url: "http://ledger"}} ]}\n'),
    (501, 'flows: {main: [ {http_call: {url: "/ledger", headers: {a: 1}}} ]}\n'),
]


@pytest.mark.parametrize(("code", "text"), NONE)
def test_no_fix(code: int, text: str) -> None:
    found = [diag for diag in abml.check(HEAD + text) if diag.code == f"ABML{code}"]
    assert found and [diag.fix for diag in found] == [None] * len(found)


def examples() -> list[Any]:
    """Every failing example of the catalogue whose diagnostic has a fix."""
    found = []
    for name in pages.names().values():
        page = pages.read_page(name)
        if page.kind is None and not page.style:
            found += [pytest.param(page, at, id=f"{page.code}-{at}") for at in range(len(page.fails))]
    return found


@pytest.mark.parametrize(("page", "at"), examples())
def test_examples_with_all_their_fixes(page: pages.Page, at: int) -> None:
    """No fix makes an error where there was none, and none is left to apply."""
    given = {
        "templates": None if page.templates is None else yaml.safe_load(page.templates),
        "manifest": None if page.manifest is None else yaml.safe_load(page.manifest),
    }
    text = page.fails[at].text
    before = abml.check(text, path="t.yml", **given)
    fixable = [diag for diag in before if diag.fix is not None]
    after, left = mended(text, **given)
    assert (after != text) == bool(fixable)
    assert not [diag for diag in left if diag.fix is not None]
    errors = {diag.code for diag in before if diag.is_error}
    if all(diag.fix is not None for diag in before if diag.is_error):
        # Route forms need a manifest; nothing else is left to mend.
        assert {diag.code for diag in left if diag.is_error} <= {"ABML503"}
    else:
        assert {diag.code for diag in left if diag.is_error} <= errors


def test_fixes_that_conflict_are_applied_in_turn() -> None:
    data = b"abcdef\n"

    def diag(start: int, end: int, text: str) -> Diagnostic:
        span = Span("t", 1, start, 1, end)
        return Diagnostic("ABML114", "info", "m", span, (), None, Fix(span, text))

    rounds = [[diag(1, 3, "X"), diag(2, 4, "Y")], [diag(2, 3, "Z")], []]
    source, left = mend(Input("t", None, data), rounds.pop(0), lambda _: rounds.pop(0))
    assert (source.data, left, rounds) == (b"XZdef\n", [], [])


def test_fixes_that_undo_each_other_end() -> None:
    def check(data: bytes) -> list[Diagnostic]:
        span = Span("t", 1, 1, 1, 2)
        return [Diagnostic("ABML114", "info", "m", span, (), None, Fix(span, "b" if data == b"a\n" else "a"))]

    source, _ = mend(Input("t", None, b"a\n"), check(b"a\n"), check)
    assert source.data == b"b\n"


def test_a_file_is_written_once_and_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abml.cli import checking, output

    path = tmp_path / "lamp.abml.yml"
    path.write_text(HEAD + "flows: {main: [ {goto: peir} ], pier: [ {log: '${roud(agent.x)}'} ]}\n")
    written: list[bytes] = []
    monkeypatch.setattr(output, "write_file", lambda _, data: written.append(data))
    checking.check_all((str(path),), None, "text", True)
    assert len(written) == 1
    assert b"goto: pier" in written[0] and b"round(" in written[0]


@pytest.mark.parametrize(
    ("written", "name", "near", "known", "after"),
    [
        ("peir", "peir", "pier", ["pier", "mole"], "pier"),
        ("'peir'", "peir", "pier", ["pier"], "'pier'"),
        ("PIER", "PIER", "pier", ["pier", "peer"], "pier"),
        ("a.peir", "a.peir", "a.pier", ["a.pier"], "a.pier"),
        ("peir peir", "peir", "pier", ["pier"], None),
        ("peirs", "peir", "pier", ["pier"], None),
        ("peir", "peir", "pi er", ["pi er"], None),
    ],
)
def test_renaming(written: str, name: str, near: str, known: list[str], after: str | None) -> None:
    source = Source(written + "\n", "t")
    fix = renaming(source, Span("t", 1, 1, 1, len(written) + 1), name, near, known)
    if after is None:
        assert fix is None
    else:
        assert fix is not None
        span = fix.span
        assert written[: span.column - 1] + fix.replacement + written[span.end_column - 1 :] == after
