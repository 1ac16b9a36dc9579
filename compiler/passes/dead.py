"""Removes instructions whose result nobody reads and that can do nothing else."""

from __future__ import annotations

from abml.compiler.ir.blocks import CALLS, RAISES, READS, WRITES, UnitIR, is_virtual
from abml.compiler.ir.pool import Pool

# These read or write more than their registers.
_KEPT = frozenset({"COUNT", "NEXT", "APPEND", "PUT", "TBADD"})


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
            read.update(getattr(ins, field) for field in READS[ins.op])
    changed = False
    for block in unit.blocks:
        kept = []
        for ins in block.ins:
            at = WRITES[ins.op]
            written = None if at is None else getattr(ins, at)
            useless = (
                written is not None
                and is_virtual(written)
                and written not in read
                and ins.op not in RAISES
                and ins.op not in CALLS
                and ins.op not in _KEPT
            ) or ins.op == "NOP"
            if useless:
                changed = True
            else:
                kept.append(ins)
        block.ins = kept
    return changed
