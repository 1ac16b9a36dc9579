"""How often virtual registers are written and read."""

from __future__ import annotations

from .blocks import READS, WRITES, UnitIR, is_virtual


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
            at = WRITES[ins.op]
            if at is not None:
                written = getattr(ins, at)
                if is_virtual(written):
                    writes[written] += 1
            for field in READS[ins.op]:
                operand = getattr(ins, field)
                if is_virtual(operand):
                    reads[operand] += 1
    return writes, reads
