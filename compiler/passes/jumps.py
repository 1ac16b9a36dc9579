"""Jump threading: jumps go where their target goes, jumps to the next instruction disappear."""

from __future__ import annotations

from abml.compiler.ir.blocks import Block, UnitIR
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Shorten every jump of a unit."""
    unit.number()
    for block in unit.blocks:
        for ins in block.ins:
            if ins.target is not None:
                ins.target = _final(unit, ins.target)
    for block in unit.blocks:
        if block.ins and block.ins[-1].op == "JMP":
            target = block.ins[-1].target
            if target is not None and _first(unit, block.number + 1) is _first(unit, target.number):
                block.ins.pop()


def _first(unit: UnitIR, number: int) -> Block | None:
    """The first block from `number` on that has an instruction."""
    for block in unit.blocks[number:]:
        if block.ins:
            return block
    return None


def _final(unit: UnitIR, target: Block) -> Block:
    """Where a jump to `target` ends up; endless circles stay as they are."""
    seen = set()
    while target.number not in seen:
        seen.add(target.number)
        block = _first(unit, target.number)
        if block is None or block.ins[0].op != "JMP" or block.ins[0].target is None:
            return target if block is None else block
        target = block.ins[0].target
    return target
