"""Diagnostics: the reporter, the catalogue and its pages, the renderings."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest

from abml.diagnostics import Diagnostic, Fix, Note, Reporter, generate, pages
from abml.diagnostics._catalogue import CATALOGUE
from abml.diagnostics.explain import explain
from abml.diagnostics.render_data import as_dict, render_github, render_json, render_sarif
from abml.diagnostics.render_text import caret_lines, render_diagnostic, render_text
from abml.errors import KINDS
from abml.source import Source, Span

SOURCE = Source("flows:\n  main:\n    - goto: peir\n", "dock.yml")
PEIR = SOURCE.span(27, 31)

# Section 11 of the language reference.
CODES = [
    *range(100, 117), *range(130, 144), *range(160, 172), *range(201, 231), 232, 240, *range(301, 314),
    *range(401, 416), *range(420, 427), *range(501, 514), *range(601, 611), *range(701, 710), *range(801, 808),
]  # fmt: skip
STRICT = {108, 135, 163, 204, 301, 412, 504, 505}


def peir(reporter: Reporter | None = None, **fields: Any) -> Diagnostic:
    reporter = reporter or Reporter(SOURCE)
    return reporter.report(201, PEIR, name="peir", place="goto", **fields)


def test_a_report_fills_the_templates() -> None:
    diag = peir(nearest="pier")
    assert diag.code == "ABML201"
    assert diag.severity == "error"
    assert "'peir'" in diag.message
    assert diag.help == "did you mean 'pier'?"


@pytest.mark.parametrize("fields", [{}, {"nearest": None}])
def test_help_without_its_field_is_dropped(fields: dict[str, Any]) -> None:
    assert peir(**fields).help is None


def test_a_missing_message_field_does_not_fail() -> None:
    assert "…" in Reporter().report(201, PEIR).message


def test_text_and_hint_replace_the_templates() -> None:
    diag = peir(text="nobody moors here", hint="row on")
    assert (diag.message, diag.help) == ("nobody moors here", "row on")


def test_braces_in_fields_are_kept() -> None:
    diag = Reporter().report(135, PEIR, written="{x} + 1")
    assert "'{x} + 1'" in diag.message
    assert diag.help is not None and "${{x} + 1}" in diag.help


def test_strict_makes_errors_of_marked_warnings_only() -> None:
    strict = Reporter(SOURCE, strict=True)
    assert strict.report(204, PEIR, name="tally").severity == "error"
    assert strict.report(203, PEIR, name="oyl").severity == "warning"
    assert Reporter(SOURCE).report(204, PEIR, name="tally").severity == "warning"
    assert strict.report(204, PEIR, severity="info", name="tally").severity == "info"


def test_sorted_by_position_then_code() -> None:
    reporter = Reporter(SOURCE)
    late = reporter.report(203, PEIR, name="b")
    early = reporter.report(203, SOURCE.span(0, 5), name="a")
    same = peir(reporter)
    assert reporter.sorted() == [early, same, late]


def test_an_unknown_code_is_refused() -> None:
    with pytest.raises(KeyError):
        Reporter().report(999, PEIR)


def test_the_catalogue_holds_exactly_the_codes_of_the_language_and_of_schemas() -> None:
    assert sorted(CATALOGUE) == CODES
    assert {code for code, entry in CATALOGUE.items() if entry[1]} == STRICT
    assert all(CATALOGUE[code][0] == "warning" for code in STRICT)


def test_the_catalogue_is_fresh() -> None:
    assert generate.main(["--check"]) == 0


def test_every_template_can_be_formatted() -> None:
    for code, (_, _, message, help_text) in CATALOGUE.items():
        for template in filter(None, (message, help_text)):
            fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
            assert template.format(**dict.fromkeys(fields, "x")), code
            assert all(name.isidentifier() and name not in ("text", "hint", "severity") for name in fields), code


def test_every_kind_of_runtime_error_has_a_page() -> None:
    described = {page.kind: page for page in map(pages.read_page, pages.names().values()) if page.kind}
    assert set(described) == set(KINDS)
    for name, kind in KINDS.items():
        assert described[name].code == kind.code
        catchable = described[name].catchable
        assert catchable is not None and catchable.startswith("yes") == kind.catchable


@pytest.mark.parametrize("name", pages.names().values())
def test_every_page_is_complete(name: str) -> None:
    page = pages.read_page(name)
    assert page.title and len(page.prose) > 40
    assert page.kind or (page.fails and page.mended)
    for example in page.fails:
        assert 1 <= example.line <= example.text.count("\n") + 1


@pytest.mark.parametrize("code", ["ABML201", "abml201", "201", "unknown-flow", " unknown_flow ", 201])
def test_explain_takes_every_way_to_name_a_code(code: str | int) -> None:
    text = explain(code)
    assert text.startswith("ABML201: Unknown flow")
    assert "> " in text and "Mended:" in text


@pytest.mark.parametrize("kind", KINDS)
def test_explain_knows_the_kinds(kind: str) -> None:
    assert f"'{kind}'" in explain(f"ABML{KINDS[kind].code}")
    assert explain(kind)


def test_explain_prints_no_template_fields() -> None:
    for number in pages.names():
        assert all(len(line) <= 110 for line in explain(number).splitlines())


@pytest.mark.parametrize("code", ["ABML999", "", "x" * 100, "1e3", "²"])
def test_explain_refuses_unknown_codes(code: str) -> None:
    with pytest.raises(KeyError, match="no diagnostic"):
        explain(code)


def test_text_has_line_carets_and_help() -> None:
    assert str(peir(nearest="pier")).splitlines() == [
        "dock.yml:3:13: error[ABML201]: no flow named 'peir' in this document or its imports (goto)",
        "  3 |     - goto: peir",
        "    |             ^^^^",
        "  help: did you mean 'pier'?",
    ]


def test_text_shows_notes_with_places() -> None:
    diag = peir()._replace(notes=(Note("see here", SOURCE.span(0, 5)), Note("and think")))
    assert "  note: see here (dock.yml:1:1)\n  note: and think" in str(diag)


def test_text_without_source_is_one_line() -> None:
    assert str(peir(Reporter())).count("\n") == 0
    assert "\n  3 |" in render_diagnostic(peir(Reporter()), source=SOURCE)


def test_text_in_color_only_when_asked() -> None:
    assert "\x1b" not in render_text([peir()])
    assert "\x1b[1;31merror" in render_text([peir()], color=True)


def test_control_characters_do_not_reach_the_terminal() -> None:
    line, carets = caret_lines("a\x1b[31m\tb", Span(None, 1, 8, 1, 9))
    assert "\x1b" not in line and "\t" not in line
    assert line[len(carets) - 1] == "b"


def test_carets_follow_wide_characters() -> None:
    line, carets = caret_lines("灯: b", Span(None, 1, 4, 1, 5))
    assert carets == "    ^" and line == "灯: b"


def test_a_long_line_is_cut_around_the_span() -> None:
    line, carets = caret_lines("x" * 5000 + "HERE" + "y" * 5000, Span(None, 1, 5001, 1, 5005))
    assert len(line) < 200
    start = len(carets) - 4
    assert line[start : start + 4] == "HERE"


@pytest.mark.parametrize("span", [Span(None, 1, 1, 1, 1), Span(None, 1, 90, 1, 95), Span(None, 1, 2, 4, 1)])
def test_carets_stay_within_the_line(span: Span) -> None:
    line, carets = caret_lines("abc", span)
    assert carets.strip("^ ") == "" and "^" in carets and len(carets) <= len(line) + 1


def test_json_has_all_attributes() -> None:
    diag = peir()._replace(fix=Fix(PEIR, "pier"), notes=(Note("n"),))
    (read,) = json.loads(render_json([diag]))
    assert read == json.loads(json.dumps(as_dict(diag)))
    assert read["span"] == {"path": "dock.yml", "line": 3, "column": 13, "end_line": 3, "end_column": 17}
    assert read["fix"]["replacement"] == "pier"


def test_github_annotations() -> None:
    text = render_github([peir(nearest="pier"), peir()._replace(severity="info")])
    first, second = text.splitlines()
    assert first.startswith("::error file=dock.yml,line=3,col=13,endColumn=17,title=ABML201::no flow named")
    assert first.endswith("%0Adid you mean 'pier'?")
    assert second.startswith("::notice ")


def test_github_escapes_what_would_end_a_field() -> None:
    diag = peir()._replace(span=Span("a,b:c%.yml", 1, 1, 2, 1), message="50%\nlost")
    assert render_github([diag]).startswith(
        "::error file=a%2Cb%3Ac%25.yml,line=1,endLine=2,title=ABML201::50%25%0Alost"
    )


def test_sarif_points_to_rule_and_place() -> None:
    diag = peir()._replace(fix=Fix(PEIR, "pier"), notes=(Note("n", PEIR),))
    log = json.loads(render_sarif([diag, diag._replace(severity="info")], version="1"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert run["tool"]["driver"]["rules"] == [{"id": "ABML201", "name": "unknown-flow"}]
    assert [result["level"] for result in run["results"]] == ["error", "note"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "dock.yml"
    assert place["region"]["startColumn"] == 13
    assert run["results"][0]["fixes"] and run["results"][0]["relatedLocations"]


@pytest.mark.parametrize("render", [render_json, render_sarif, render_github, render_text])
def test_no_diagnostics_render_to_something_valid(render: object) -> None:
    assert isinstance(render([]), str)  # type: ignore[operator]  # one of four functions
