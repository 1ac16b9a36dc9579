"""Removes code that control never reaches."""

from __future__ import annotations

from abml.compiler.ir.blocks import ENDS, Block, UnitIR, successors
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Empty every block that neither control nor a handler of reachable code enters."""
    unit.compact()
    for block in unit.blocks:
        for i, ins in enumerate(block.ins):
            if ins.op in ENDS:
                del block.ins[i + 1 :]
                break
    catchers: list[list[Block]] = [[] for _ in unit.blocks]
    for row in unit.handlers:
        if row.kind != "reraise":
            for number in range(row.first.number, row.last.number):
                catchers[number].append(row.target)
    reached: set[int] = set()
    # The document handler may go on at any top-level action.
    work: list[Block] = [unit.blocks[0], *unit.tops]
    while work:
        block = work.pop()
        number = block.number
        if number in reached:
            continue
        reached.add(number)
        work += successors(unit, number)
        if block.ins:
            work += catchers[number]
            if block.ins[-1].op == "RESUME":
                work += unit.tops
    for block in unit.blocks:
        if block.number not in reached:
            block.ins = []
    # A mark must not move to the code behind what goes.
    unit.leaves = [block for block in unit.leaves if block.number in reached]
    unit.leaf_ends = [block for block in unit.leaf_ends if block.number in reached]
    unit.compact()
