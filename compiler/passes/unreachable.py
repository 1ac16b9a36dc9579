"""Removes code that control never reaches."""

from __future__ import annotations

from abml.compiler.ir.blocks import ENDS, Block, UnitIR, successors
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Empty every block that neither control nor a handler of reachable code enters."""
    unit.number()
    for block in unit.blocks:
        for i, ins in enumerate(block.ins):
            if ins.op in ENDS:
                del block.ins[i + 1 :]
                break
    reached: set[int] = set()
    # The document handler may go on at any top-level action.
    work: list[Block] = [unit.blocks[0], *unit.tops]
    while work:
        block = work.pop()
        if block.number in reached:
            continue
        reached.add(block.number)
        work.extend(successors(unit, block.number))
        if not block.ins:
            continue
        for row in unit.handlers:
            if row.kind != "reraise" and row.first.number <= block.number < row.last.number:
                work.append(row.target)
        if any(ins.op == "RESUME" for ins in block.ins):
            work.extend(unit.tops)
    for block in unit.blocks:
        if block.number not in reached:
            block.ins = []
    unit.handlers = [row for row in unit.handlers if _covers(unit, row.first.number, row.last.number)]


def _covers(unit: UnitIR, first: int, last: int) -> bool:
    return any(unit.blocks[i].ins for i in range(first, last))
