"""Removes instructions whose result nobody reads and that can do nothing else."""

from __future__ import annotations

from abml.compiler.ir.blocks import (
    CALLS,
    RAISES,
    READS_A,
    READS_B,
    READS_C,
    SHAPES,
    SLOT,
    WRITES,
    WRITES_A,
    Ins,
    UnitIR,
)
from abml.compiler.ir.pool import Pool

# These read or write more than their registers.
_KEPT = frozenset({"COUNT", "NEXT", "APPEND", "PUT", "TBADD"})
_PURE = frozenset(op for op, at in WRITES.items() if at is not None) - RAISES - CALLS - _KEPT


def run(unit: UnitIR, pool: Pool) -> None:
    """Repeat until nothing more can go."""
    while _sweep(unit):
        pass


def _sweep(unit: UnitIR) -> bool:
    read: set[int] = set()
    for row in unit.handlers:
        read.update((row.register, row.resume))
    for block in unit.blocks:
        for ins in block.ins:
            shape = SHAPES[ins.op]
            if shape & READS_A:
                read.add(ins.a)
            if shape & READS_B:
                read.add(ins.b)
            if shape & READS_C:
                read.add(ins.c)
    changed = False
    for block in unit.blocks:
        useless = [ins for ins in block.ins if ins.op in _PURE and _is_useless(ins, read)]
        if useless:
            changed = True
            block.ins = [ins for ins in block.ins if ins not in useless]
    return changed


def _is_useless(ins: Ins, read: set[int]) -> bool:
    """Whether nobody reads what a pure instruction writes."""
    shape = SHAPES[ins.op]
    written = ins.a if shape & WRITES_A else ins.b
    return written < SLOT and written not in read
