"""Every page of the catalogue is executed: its failing examples give its code, its mended one does not."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

import abml
from abml.diagnostics import Diagnostic, Reporter, pages
from abml.providers.templates.generation import SchemaInput, generate
from abml.resolver import MappingResolver
from abml.source import Source

# Codes that `abml.check` does not report yet; each fails here as soon as it does.
PENDING: tuple[tuple[int, str], ...] = ()

PAGES = {page.code: page for page in map(pages.read_page, pages.names().values()) if page.kind is None}


def failing() -> list[Any]:
    """One parameter set (code, number of the example) for each failing example."""
    reasons = dict(PENDING)
    found = []
    for code, page in PAGES.items():
        marks = [pytest.mark.xfail(strict=True, reason=reasons[code])] if code in reasons else []
        found += [pytest.param(code, number, marks=marks) for number in range(len(page.fails))]
    return found


def check(page: pages.Page, text: str) -> list[Diagnostic]:
    """What the checks say about an example; style findings only where the page is about one."""
    if page.style:
        return abml.check(text, path="main.yml", style=True)
    if page.schema:
        reporter = Reporter()
        generate([SchemaInput(Source(text, "main.yml"), MappingResolver(page.files))], reporter)
        return reporter.sorted()
    return abml.check(
        text,
        path="main.yml",
        templates=None if page.templates is None else yaml.safe_load(page.templates),
        resolver=MappingResolver(page.files),
        manifest=None if page.manifest is None else yaml.safe_load(page.manifest),
    )


def shown(found: list[Diagnostic]) -> str:
    return "\n".join(map(str, found)) or "nothing found"


@pytest.mark.parametrize(("code", "number"), failing())
def test_failing_example(code: int, number: int) -> None:
    page = PAGES[code]
    example = page.fails[number]
    found = check(page, example.text)
    own = [diag for diag in found if diag.code == f"ABML{code}"]
    assert own, shown(found)
    assert example.line in [diag.span.line for diag in own], shown(found)
    assert page.severity in [diag.severity for diag in own], shown(found)
    if page.exact:
        assert {diag.code for diag in found} == {f"ABML{code}"}, shown(found)
    for diag in found:
        assert "…" not in diag.message, shown(found)


@pytest.mark.parametrize("code", PAGES)
def test_mended_example(code: int) -> None:
    page = PAGES[code]
    assert page.mended is not None
    found = check(page, page.mended)
    assert not [diag for diag in found if diag.code == f"ABML{code}" or diag.severity == "error"], shown(found)
