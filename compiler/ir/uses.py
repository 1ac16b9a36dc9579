"""How often virtual registers are written and read."""

from __future__ import annotations

from .blocks import READS_A, READS_B, READS_C, SHAPES, SLOT, WRITES_A, WRITES_B, UnitIR


def count_uses(unit: UnitIR) -> tuple[list[int], list[int]]:
    """How often each virtual register is written and read."""
    writes = [0] * unit.virtuals
    reads = [0] * unit.virtuals
    for row in unit.handlers:
        for register in (row.register, row.resume):
            if register >= 0:
                writes[register] += 1
                reads[register] += 1
    if unit.kind == "function":
        for register in unit.params:
            writes[register] += 1
    for block in unit.blocks:
        for ins in block.ins:
            shape = SHAPES[ins.op]
            if shape & READS_A and ins.a < SLOT:
                reads[ins.a] += 1
            if shape & READS_B and ins.b < SLOT:
                reads[ins.b] += 1
            if shape & READS_C and ins.c < SLOT:
                reads[ins.c] += 1
            if shape & WRITES_A and ins.a < SLOT:
                writes[ins.a] += 1
            elif shape & WRITES_B and ins.b < SLOT:
                writes[ins.b] += 1
    return writes, reads
