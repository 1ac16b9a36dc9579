"""Jump threading: jumps go where their target goes."""

from __future__ import annotations

from abml.compiler.ir.blocks import Block, UnitIR
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Shorten every jump of a unit."""
    unit.compact()
    # A turn of a channel may end where a leaf action starts: a jump there must not lead past it.
    marks = {block.number for block in unit.leaves}
    for block in unit.blocks:
        for ins in block.ins:
            if ins.target is not None and not (ins.op == "JMP" and ins.a):
                ins.target = _final(ins.target, marks)


def _final(target: Block, marks: set[int]) -> Block:
    """Where a jump to `target` ends up; endless circles stay as they are."""
    seen = set(marks)
    while target.ins and target.ins[0].op == "JMP" and target.ins[0].target is not None:
        if target.number in seen:
            break
        seen.add(target.number)
        target = target.ins[0].target
    return target
