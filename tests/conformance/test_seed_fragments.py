"""Every ABML fragment in the founding documents checks as the rulings say.

Which blocks are ABML: fenced blocks marked `yaml`, except those about other
files, which say so in a comment that names an `-api.yaml` or a
`-configuration.yaml`. A block in which every line is one `${…}` is a list of
expressions, each a fragment of its own.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

import abml

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the founding documents do not lie beside the project")

_FENCE = re.compile(r"^ *```ya?ml\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_OTHER = re.compile(r"^#.*-(api|configuration)\.yaml", re.MULTILINE)

# (document, line of the fence) -> errors and warnings, in order; the other blocks give none.
EXPECTED: dict[tuple[str, int], list[str]] = {
    # Behaviors may not call services, whatever a manifest grants.
    ("003", 62): ["ABML501"],
    ("003", 84): ["ABML501"],
    # The examples leave out what the branches do.
    ("003", 516): ["ABML166"],
    ("003", 663): ["ABML166"],
    # `if EXPR: {narrative_type: …}` is read as an assignment; the route needs a manifest.
    ("004", 178): ["ABML170", "ABML170", "ABML504"],
}

REGISTRY = {
    "templates": [
        {"type": "character-base", "paths": {"name": "string"}},
        {"type": "character-personality", "paths": {"aggression": "float"}},
        {"type": "character-history", "paths": {"participations": "list", "participations[].role": "string"}},
        {"type": "character-encounter", "paths": {"recent_count": "int", "count": "int"}},
    ]
}


class Block(NamedTuple):
    """One fragment: the number of its document, the line of its fence, its text."""

    document: str
    line: int
    text: str


def blocks() -> list[Block]:
    """The ABML blocks of all founding documents, in order."""
    found = []
    for path in sorted(FOLDER.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        for match in _FENCE.finditer(text):
            if not _OTHER.search(match[1]):
                line = text.count("\n", 0, match.start()) + 1
                found.append(Block(path.name[:3], line, match[1]))
    return found


def fragments(text: str) -> list[str]:
    """The fragments of a block: itself, or its lines when each is one expression."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return lines if all(line.lstrip().startswith("${") for line in lines) else [text]


BLOCKS = blocks()


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{block.document}:{block.line}" for block in BLOCKS])
def test_fragment(block: Block) -> None:
    found = [
        diag
        for text in fragments(block.text)
        for diag in abml.check(text, fragment=True)
        if diag.severity != "info" or diag.code == "ABML408"
    ]
    expected = EXPECTED.get((block.document, block.line), [])
    assert [diag.code for diag in found] == expected, "\n".join(map(str, found))


def test_every_expectation_has_its_block() -> None:
    assert set(EXPECTED) <= {(block.document, block.line) for block in BLOCKS}
    assert len(BLOCKS) == 23


def test_the_commented_error_of_the_overview_is_one() -> None:
    """The block that ends in `# ERROR` gives ABML402 when its last lines are no comment."""
    text = next(block.text for block in BLOCKS if "current.encounters.count" in block.text)
    assert not [diag for diag in abml.check(text, fragment=True, templates=REGISTRY) if diag.severity == "error"]
    live = re.sub(r"^    # (- cond:|  .*)$", r"    \1", text, flags=re.MULTILINE)
    errors = [diag for diag in abml.check(live, fragment=True, templates=REGISTRY) if diag.severity == "error"]
    assert [diag.code for diag in errors] == ["ABML402"]
    assert "character-encounter" in errors[0].message
