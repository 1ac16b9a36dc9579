"""The parser reads any text: changed documents give diagnostics, never exceptions."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax.parser import parse_document

FOLDER = Path(__file__).parents[2] / "golden" / "ast"
TEXTS = [path.read_text("utf-8") for path in sorted(FOLDER.glob("*.abml.yml"))]
PIECES = (
    *("\n", "  ", "- ", ": ", "{", "}", "[", "]", "'", '"', "${", "@", "#", "|", ">", ",", "\t", "{{", "{%", "="),
    *("null", "-1", "true", "1e999", "&a ", "*a", "if ", "elif ", "else: ", "repeat: ", "do: ", "set: ", "on_error: "),
)


def changed(text, rng):
    for _ in range(rng.randint(1, 5)):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + rng.choice(PIECES) + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + rng.randint(1, 20) :]
        elif kind == 2:
            other = rng.choice(TEXTS)
            start = rng.randrange(len(other))
            text = text[:at] + other[start : start + rng.randint(1, 60)] + text[at:]
        else:
            lines = text.splitlines(keepends=True)
            if len(lines) > 1:
                line = lines.pop(rng.randrange(len(lines)))
                lines.insert(rng.randrange(len(lines)), rng.choice(("", "  ", "    ")) + line)
                text = "".join(lines)
    return text


@pytest.mark.parametrize("seed", range(8))
def test_changed_documents(seed):
    rng = random.Random(seed)
    for _ in range(15):
        source = Source(changed(rng.choice(TEXTS), rng), "changed.abml.yml")
        for fragment in (False, True):
            reporter = Reporter(source)
            doc = parse_document(source, reporter, fragment=fragment, style=True)
            assert doc is not None or reporter.has_errors
            assert all(str(diag) for diag in reporter.diagnostics)


@pytest.mark.parametrize(
    "text", ["", "~", "3", "[]", "{}", "- ", "\x00", "\ufeff", "a: &a [*a]", "? [a]\n: b", "{{", "%"]
)
def test_odd_texts(text):
    for fragment in (False, True):
        reporter = Reporter(Source(text))
        doc = parse_document(reporter.source, reporter, fragment=fragment)
        assert fragment or doc is not None or reporter.has_errors
