"""Older spellings: ABML114 with style diagnostics on, and fixes that change nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import abml
from abml.cli.fixes import fixed
from abml.cli.inputs import Input

FORMAT = Path(__file__).resolve().parents[2] / "golden" / "format"
PAIRS = sorted(FORMAT.glob("*.in.yml"))


def style_of(text: str | bytes) -> list[abml.Diagnostic]:
    return [diag for diag in abml.check(text, path="t", style=True, lenient=True) if diag.code == "ABML114"]


def unaligned(text: str) -> str:
    """A text whose comments do not keep their columns: a fix moves them."""
    return re.sub(r" +#", "  #", text)


def test_style_is_off_by_default() -> None:
    text = PAIRS[0].read_text("utf-8")
    assert style_of(text)
    assert not [diag for diag in abml.check(text) if diag.code == "ABML114"]


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name.partition(".")[0])
def test_canonical_form_has_no_older_spellings(path: Path) -> None:
    assert style_of(abml.format(path)) == []


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.name.partition(".")[0])
def test_fixes_lead_to_the_canonical_form(path: Path) -> None:
    data = path.read_bytes()
    after = fixed(Input("t", None, data), style_of(data))
    assert unaligned(abml.format(after)) == unaligned(abml.format(data))
    assert [diag for diag in style_of(after) if diag.fix is not None] == []


def test_a_fix_of_more_than_one_word_is_left_to_the_formatter() -> None:
    text = (
        'version: "3.0"\nmetadata: { id: t }\nconfig: { subscriptions: [a.b] }\n'
        "flows:\n  main: { when: a, actions: [noop] }\n"
    )
    found = style_of(text)
    assert [diag.span.line for diag in found if diag.fix is None] == [3, 5]
    assert [diag.fix.replacement for diag in found if diag.fix is not None] == ['"${a}"']


def test_scalars_with_another_spelling() -> None:
    text = (
        'version: "3.0"\nmetadata: { id: t }\nflows:\n  main:\n'
        "    - if: { condition: a AND  b, then: [noop] }\n"
        "    - wait: 1500ms\n"
        '    - log: "${a  + b} and ${c}"\n'
        "    - schedule_event: { event_type: x, delay_seconds: 2 }\n"
    )
    found = [(diag.span.line, diag.fix.replacement) for diag in style_of(text) if diag.fix is not None]
    assert found == [(5, '"${a && b}"'), (6, "1.5s"), (7, '"${a + b} and ${c}"')]


def test_names_that_are_fine() -> None:
    text = (
        'version: "3.0"\nmetadata: { id: t }\nflows:\n  main:\n'
        "    - wait_for: { signal: 'a', timeout: 2s, on_timeout: [noop] }\n"
        "    - choice: { options: [{ label: a }], result_variable: b }\n"
        "    - qte: { prompt: a, into: b }\n"
    )
    (only,) = style_of(text)
    assert "'into'" in only.message
    assert "'result_variable'" in only.message
