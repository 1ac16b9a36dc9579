"""Documents and the trees they become: `ast/NAME.abml.yml` beside `ast/NAME.ast`.

`pytest tests/golden --update-golden` writes the expected files; read their diff like code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.dump import dump
from abml.syntax.parser import parse_document

FOLDER = Path(__file__).parent / "ast"
NAMES = sorted(path.name.removesuffix(".abml.yml") for path in FOLDER.glob("*.abml.yml"))


@pytest.mark.parametrize("name", NAMES)
def test_ast(name: str, update_golden: bool) -> None:
    reporter = Reporter(Source((FOLDER / f"{name}.abml.yml").read_text(encoding="utf-8"), f"{name}.abml.yml"))
    assert reporter.source is not None
    doc = parse_document(reporter.source, reporter)
    assert not reporter.has_errors, [str(diag) for diag in reporter.diagnostics]
    listing = dump(doc)
    expected = FOLDER / f"{name}.ast"
    if update_golden:
        expected.write_text(listing, encoding="utf-8")
    assert listing == expected.read_text(encoding="utf-8")
