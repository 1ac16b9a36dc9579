"""Jump threading: jumps go where their target goes."""

from __future__ import annotations

from abml.compiler.ir.blocks import Block, UnitIR
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Shorten every jump of a unit."""
    unit.compact()
    for block in unit.blocks:
        for ins in block.ins:
            if ins.target is not None and not (ins.op == "JMP" and ins.a):
                ins.target = _final(ins.target)


def _final(target: Block) -> Block:
    """Where a jump to `target` ends up; endless circles stay as they are."""
    seen: set[int] = set()
    while target.ins and target.ins[0].op == "JMP" and target.ins[0].target is not None:
        if target.number in seen:
            break
        seen.add(target.number)
        target = target.ins[0].target
    return target
