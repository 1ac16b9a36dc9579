"""Copies: the result of an instruction goes where it is wanted instead of through a temporary."""

from __future__ import annotations

from abml.compiler.ir.blocks import WRITES, Ins, UnitIR, is_virtual
from abml.compiler.ir.pool import Pool
from abml.compiler.ir.uses import count_uses


def run(unit: UnitIR, pool: Pool) -> None:
    """`OP t, …; MOV x, t` becomes `OP x, …` when t is used nowhere else."""
    writes: list[int] = []
    reads: list[int] = []
    for block in unit.blocks:
        if "MOV" not in [ins.op for ins in block.ins]:
            continue
        if not writes:
            writes, reads = count_uses(unit)
        kept: list[Ins] = []
        for ins in block.ins:
            if ins.op == "MOV" and kept and is_virtual(ins.b) and writes[ins.b] == 1 and reads[ins.b] == 1:
                before = kept[-1]
                at = WRITES[before.op]
                if at == "a" and before.a == ins.b and before.op != "COUNT" and before.target is None:
                    before.a = ins.a
                    continue
            kept.append(ins)
        block.ins = kept
