"""How the tests of the checker write documents and read findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from abml.compiler.check import check
from abml.compiler.model import Model
from abml.diagnostics import Diagnostic, Reporter
from abml.environment import Environment, Limits, Manifest, TemplateRegistry
from abml.loader import load
from abml.resolver import MappingResolver
from abml.source import Source

HEAD = "version: '3.0'\nmetadata: {id: harbor}\n"
MARK = "¶"


def inspect(
    text: str,
    *,
    files: Mapping[str, str] | None = None,
    manifest: Mapping[str, Any] | None = None,
    templates: Mapping[str, Any] | None = None,
    strict: bool = False,
    lenient: bool = False,
    fragment: bool = False,
    limits: Limits | None = None,
) -> tuple[list[Diagnostic], Model]:
    """The diagnostics and the model of a document; a text without `version` gets a head."""
    if "version:" not in text and not fragment:
        text = HEAD + text
    source = Source(text, "main.yml")
    environment = Environment(
        limits=limits or Limits(),
        manifest=None if manifest is None else Manifest.from_data(manifest),
        templates=None if templates is None else TemplateRegistry.from_data(templates),
        is_strict=strict,
        is_lenient=lenient,
    )
    reporter = Reporter(source, strict=strict)
    docset = load(
        source,
        reporter,
        resolver=MappingResolver(files or {}),
        limits=environment.limits,
        fragment=fragment,
        manifest=environment.manifest,
    )
    assert docset is not None, reporter.diagnostics
    model = check(docset, environment, reporter)
    return reporter.diagnostics, model


def marked(text: str) -> tuple[str, str]:
    """The text without its mark, and the place of the mark as `line:column` below the head."""
    if "version:" not in text:
        text = HEAD + text
    before, _, after = text.partition(MARK)
    line = before.count("\n") + 1
    return before + after, f"{line}:{len(before) - before.rfind(chr(10))}"


def expect(code: int, text: str, severity: str, **given: Any) -> Diagnostic:
    """Check a marked text and find exactly the named code at the mark, with the severity."""
    clean, place = marked(text)
    found, _ = inspect(clean, **given)
    hits = [diag for diag in found if diag.code == f"ABML{code}"]
    shown = "\n".join(map(str, found)) or "nothing"
    assert hits, f"ABML{code} expected at {place}, found {shown}"
    places = [f"{diag.span.line}:{diag.span.column}" for diag in hits]
    assert place in places, f"ABML{code} expected at {place}, found at {places}\n{shown}"
    diag = hits[places.index(place)]
    assert diag.severity == severity
    return diag


def expect_not(code: int, text: str, **given: Any) -> None:
    """Check a text that must not have the code."""
    found, _ = inspect(text, **given)
    hits = [str(diag) for diag in found if diag.code == f"ABML{code}"]
    assert not hits, "\n".join(hits)


@pytest.fixture(name="inspect")
def _inspect() -> Callable[..., tuple[list[Diagnostic], Model]]:
    return inspect


@pytest.fixture(name="expect")
def _expect() -> Callable[..., Diagnostic]:
    return expect


@pytest.fixture(name="expect_not")
def _expect_not() -> Callable[..., None]:
    return expect_not
