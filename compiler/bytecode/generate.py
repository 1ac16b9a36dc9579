"""Writes the files derived from the opcode table: `make gen`.

Derived: `vm/core/opcodes.h`, `vm/core/opcodes.pxd`, `docs/opcodes.md`. They are
committed, and a test holds that they are fresh.
"""

from __future__ import annotations

import sys
from pathlib import Path

from abml.files import bring_up_to_date

from .opcodes import OPCODES

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "compiler/bytecode/opcodes.py"
_KINDS = {
    "w": "written register",
    "r": "read register",
    "s": "slot",
    "k": "constant",
    "K": "constant (b, c)",
    "l": "label",
    "L": "label (b, c)",
    "x": "site",
    "f": "function",
    "i": "number",
    "-": "unused",
}


def header() -> str:
    """The C header with the numbers."""
    lines = [f"/* Derived from {SOURCE} by `make gen`; do not edit. */"]
    lines += ["#ifndef ABML_OPCODES_H", "#define ABML_OPCODES_H"]
    lines += [f"#define ABML_OP_{row.name} {row.number}" for row in OPCODES]
    lines += [f"#define ABML_OPCODE_COUNT {len(OPCODES)}"]
    lines += ["#define ABML_OPCODE_LIST(X) \\"]
    lines += [f"    X({row.name}){' ' + chr(92) if row is not OPCODES[-1] else ''}" for row in OPCODES]
    return "\n".join([*lines, "#endif", ""])


def declarations() -> str:
    """The Cython declarations of the same numbers."""
    # As an enum, so that a chain of comparisons becomes a switch.
    lines = [f"# Derived from {SOURCE} by `make gen`; do not edit.", 'cdef extern from "opcodes.h":', "    enum:"]
    lines += [f"        ABML_OP_{row.name}" for row in OPCODES]
    lines += ["        ABML_OPCODE_COUNT"]
    return "\n".join([*lines, ""])


def documentation() -> str:
    """The table for readers."""
    lines = [
        f"<!-- Derived from {SOURCE} by `make gen`; do not edit. -->",
        "# Opcodes",
        "",
        "An instruction is eight bytes, little endian: opcode and three operands of 16 bits.",
        "",
        "| number | opcode | operands | meaning | flags |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in OPCODES:
        operands = ", ".join(f"{'abc'[i]}: {_KINDS[kind]}" for i, kind in enumerate(row.operands) if kind != "-")
        flags = ", ".join([*sorted(row.flags), *([f"site: {row.site}"] if row.site else [])])
        lines.append(f"| {row.number} | `{row.name}` | {operands} | {row.meaning} | {flags} |")
    return "\n".join([*lines, ""])


DERIVED = {
    "vm/core/opcodes.h": header,
    "vm/core/opcodes.pxd": declarations,
    "docs/opcodes.md": documentation,
}


def main(arguments: list[str]) -> int:
    """Write every derived file that differs; with `--check` only name them."""
    return bring_up_to_date({ROOT / name: make() for name, make in DERIVED.items()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
