"""The instruction table, the assembler, the verifier and the file format."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import abml
from abml.compiler.bytecode import encoding, generate
from abml.compiler.bytecode.assemble import AssemblyError, assemble
from abml.compiler.bytecode.disassemble import disassemble
from abml.compiler.bytecode.opcodes import BY_NAME, OPCODES
from abml.compiler.bytecode.program import Program, Site
from abml.compiler.bytecode.verify import verify
from abml.values import Duration

COUNTER = """
slot total document
flow main
        MOV    total, #0
again:  ADD    total, total, #1
        JLT    total, #10, again
        RET    total
"""


def counter() -> Program:
    return assemble(COUNTER)


def test_opcode_numbers_are_their_positions() -> None:
    assert [row.number for row in OPCODES] == list(range(len(OPCODES)))
    assert len(BY_NAME) == len(OPCODES)


def test_every_operand_kind_is_known() -> None:
    for row in OPCODES:
        assert set(row.operands) <= set("wrskKlLxfi-"), row.name
        assert len(row.operands) + ("K" in row.operands or "L" in row.operands) <= 3, row.name
        assert ("x" in row.operands) == (row.site is not None), row.name


@pytest.mark.parametrize("name", generate.DERIVED)
def test_derived_files_are_fresh(name: str) -> None:
    assert (generate.ROOT / name).read_text(encoding="utf-8") == generate.DERIVED[name](), "run `make gen`"


def test_assembled_program_reads_back() -> None:
    listing = disassemble(counter())
    assert "ADD       total, total, #1" in listing
    assert "JLT       total, #10, L1" in listing


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("flow main\n  FLY t0", "unknown opcode FLY"),
        ("flow main\n  MOV t0", "takes 2 operands"),
        ("flow main\n  MOV t0, nowhere", "no register nowhere"),
        ("  RET #1", "not an instruction"),
    ],
)
def test_assembler_names_what_it_cannot_read(text: str, message: str) -> None:
    with pytest.raises(AssemblyError, match=message):
        assemble(text)


def test_file_round_trip() -> None:
    data = counter().to_bytes()
    assert Program.from_bytes(data).to_bytes() == data


def test_saved_program_loads_and_a_failed_write_keeps_the_old_file(tmp_path: object) -> None:
    from pathlib import Path

    folder = Path(str(tmp_path))
    path = folder / "counter.abmc"
    counter().save(path)
    before = path.read_bytes()
    assert Program.load(path).to_bytes() == before
    with pytest.raises(OSError):
        counter().save(folder / "missing" / "x.abmc")
    assert path.read_bytes() == before
    assert [entry.name for entry in folder.iterdir()] == ["counter.abmc"]


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.integers(-(2**63), 2**63 - 1).map(Duration),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_decode_undoes_encode(value: object) -> None:
    assert encoding.unpack(encoding.pack(value)) == value


@given(VALUES)
def test_equal_values_give_equal_bytes(value: object) -> None:
    assert encoding.pack(value) == encoding.pack(encoding.unpack(encoding.pack(value)))


@pytest.mark.parametrize("cut", [0, 3, 4, 5, 20, 37, 38, 60, -1])
def test_truncated_files_are_refused(cut: int) -> None:
    with pytest.raises(abml.ProgramFormatError):
        Program.from_bytes(counter().to_bytes()[:cut])


def test_a_changed_byte_is_noticed() -> None:
    data = bytearray(counter().to_bytes())
    data[-5] ^= 1
    with pytest.raises(abml.ProgramFormatError, match="checksum"):
        Program.from_bytes(bytes(data))


def test_another_format_version_says_what_to_do() -> None:
    data = bytearray(counter().to_bytes())
    data[4] = 99
    with pytest.raises(abml.ProgramFormatError, match="compile it again"):
        Program.from_bytes(bytes(data))


def test_deep_data_is_refused() -> None:
    data = b"l\x01" * 5_000 + b"n"
    import hashlib

    with pytest.raises(abml.ProgramFormatError, match="nested"):
        encoding.unpack(b"ABMC\x01\x00" + hashlib.sha256(data).digest() + data)


def mutated(program: Program, **changes: object) -> Program:
    fields = {name: getattr(program, name) for name in Program.__dataclass_fields__}
    return Program(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("word", "what"),
    [
        ((999, 0, 0, 0), "unknown opcode"),
        ((BY_NAME["MOV"].number, 60_000, 0, 0), "operand a of MOV"),
        ((BY_NAME["MOV"].number, 1, 0, 0), "operand a of MOV"),  # a constant is never written
        ((BY_NAME["MOV"].number, 0, 60_000, 0), "operand b of MOV"),
        ((BY_NAME["MOV"].number, 0, 0, 7), "operand c of MOV"),
        ((BY_NAME["JMP"].number, 0, 500, 0), "operand b of JMP"),
        ((BY_NAME["JMP"].number, 0, 0xFFF0, 0xFFFF), "operand b of JMP"),
        ((BY_NAME["JLT"].number, 0, 0, 0x8000), "operand c of JLT"),
        ((BY_NAME["CALLFLOW"].number, 0, 3, 0), "operand b of CALLFLOW"),
        ((BY_NAME["CALLF"].number, 0, 3, 0), "operand b of CALLF"),
        ((BY_NAME["FRET"].number, 0, 0, 0), "does not belong in a flow"),
        ((BY_NAME["GETM"].number, 0, 0, 0), "names no text"),
    ],
)
def test_verifier_refuses_bad_instructions(word: tuple[int, int, int, int], what: str) -> None:
    program = counter()
    code = encoding.encode(*word) + program.code[8:]
    with pytest.raises(abml.ProgramFormatError, match=what):
        verify(mutated(program, code=code))


def test_verifier_refuses_code_that_runs_off_its_end() -> None:
    program = counter()
    code = program.code[:-8] + encoding.encode(BY_NAME["NOP"].number, 0, 0, 0)
    with pytest.raises(abml.ProgramFormatError, match="runs into the next one"):
        verify(mutated(program, code=code))


def test_verifier_refuses_sites_that_lead_nowhere() -> None:
    site = Site("call", "main", 5)
    with pytest.raises(abml.ProgramFormatError, match="names no flow"):
        verify(mutated(counter(), sites=(site,)))


def test_random_changes_are_refused_or_harmless_to_the_verifier() -> None:
    """Any body that the file format accepts either verifies or is refused with the documented error."""
    source = random.Random(7)
    body = counter().to_bytes()[38:]
    import hashlib

    refused = 0
    for _ in range(3_000):
        data = bytearray(body)
        for _ in range(source.randint(1, 4)):
            data[source.randrange(len(data))] = source.randrange(256)
        blob = b"ABMC\x01\x00" + hashlib.sha256(data).digest() + bytes(data)
        try:
            Program.from_bytes(blob)
        except abml.ProgramFormatError:
            refused += 1
    assert refused > 1_000
