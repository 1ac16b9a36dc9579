"""Documents and the code they become: `code/NAME.abml.yml` beside `code/NAME.asm`.

`pytest tests/golden --update-golden` writes the expected files; read their diff like code.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import abml
from abml.compiler.bytecode.disassemble import disassemble

FOLDER = Path(__file__).parent / "code"
NAMES = sorted(path.name.removesuffix(".abml.yml") for path in FOLDER.glob("*.abml.yml"))


@pytest.mark.parametrize("name", NAMES)
def test_code(name: str, update_golden: bool) -> None:
    text = (FOLDER / f"{name}.abml.yml").read_text(encoding="utf-8")
    program = abml.compile(text)
    listing = disassemble(program, {0: text.splitlines()})
    expected = FOLDER / f"{name}.asm"
    if update_golden:
        expected.write_text(listing, encoding="utf-8")
    assert listing == expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_bytes_are_reproducible(name: str) -> None:
    text = (FOLDER / f"{name}.abml.yml").read_text(encoding="utf-8")
    first = abml.compile(text).to_bytes()
    assert abml.compile(text).to_bytes() == first
    assert abml.Program.from_bytes(first).to_bytes() == first
