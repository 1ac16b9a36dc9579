"""The formatter on documents nobody wrote: stable, same program, every comment kept."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

import abml
from abml.source import Source
from abml.syntax.cst import read
from abml.syntax.formatter.comments import read_page

from .documents import document
from .programs import program_of

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT.parent / "shared" / "corpus"
FILES = sorted(
    path
    for folder in (CORPUS, ROOT / "examples", ROOT / "tests" / "golden")
    for path in folder.rglob("*.yml")
    if not path.name.endswith("_test.abml.yml")
)
# Rows that give the same values by other instructions.
OTHER_CODE = "expressions_names"


def comments(text: str) -> Counter[str]:
    """How often each comment occurs, as the formatter's own reader sees them."""
    from abml.diagnostics import Reporter

    source = Source(text)
    root = read(source, Reporter(source))
    return Counter() if root is None else Counter(map(str, read_page(source, root).comments.elements()))


def commented(text: str, rng: random.Random) -> str:
    """The text with comments and blank lines in between; the same text where that would change a value."""
    lines: list[str] = []
    for number, line in enumerate(text.splitlines()):
        match = re.match(r" *(?=- |[\w']+:)", line)
        if match and rng.random() < 0.3:
            lines.append("" if rng.random() < 0.3 else f"{match[0]}# above {number}")
        lines.append(f"{line}  # behind {number}" if rng.random() < 0.2 else line)
    made = "\n".join(lines) + "\n"
    try:
        same = yaml.safe_load(made) == yaml.safe_load(text)
    except yaml.YAMLError:
        same = False
    return made if same else text


def check(text: str, path: str | None = None) -> str:
    made = abml.format(text, path=path)
    assert abml.format(made) == made
    assert comments(made) == comments(text)
    assert program_of(made, path) == program_of(text, path)
    return made


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name.removesuffix(".yml"))
def test_files(path: Path) -> None:
    if OTHER_CODE not in path.name:
        check(path.read_text("utf-8"), str(path))


@pytest.mark.parametrize("seed", range(60))
def test_random_documents(seed: int) -> None:
    rng = random.Random(seed)
    data = yaml.safe_load(document(seed, with_parallel=seed % 2 == 0))
    text = yaml.safe_dump(data, sort_keys=False, width=10**6, default_flow_style=rng.choice((False, None)))
    check(commented(text, rng))


def mutated(text: str, rng: random.Random) -> str:
    """The text with a few characters or lines changed."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text))
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:at] + rng.choice("\n :-#'\"{}[],&*|>$@?%\t\r\u2028") + text[at:]
        elif kind == 1:
            text = text[:at] + text[at + 1 :]
        elif kind == 2:
            lines = text.split("\n")
            number = rng.randrange(len(lines))
            lines[number:number] = [lines[rng.randrange(len(lines))]]
            text = "\n".join(lines)
        else:
            other = rng.randrange(len(text))
            text = text[:at] + text[other : other + rng.randrange(12)] + text[at:]
    return text


@pytest.mark.parametrize("seed", range(150))
def test_damaged_documents(seed: int) -> None:
    """Whatever the text, it is refused as a whole or formatted as a whole."""
    rng = random.Random(seed)
    text = mutated(rng.choice(FILES).read_text("utf-8"), rng)
    try:
        made = abml.format(text)
    except abml.AbmlSyntaxError as error:
        assert any(diag.is_error for diag in error.diagnostics)
        return
    assert abml.format(made) == made
    assert comments(made) == comments(text)
