"""Copy propagation: constants and single copies are used directly, results go where they are wanted."""

from __future__ import annotations

from abml.compiler.ir.blocks import READS, WRITES, Ins, UnitIR, is_const, is_virtual
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Replace reads of copied registers, then drop copies of results into slots."""
    writes, reads = _count(unit)
    _use_constants(unit, writes)
    writes, reads = _count(unit)
    _write_in_place(unit, writes, reads)


def _count(unit: UnitIR) -> tuple[list[int], list[int]]:
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


def _use_constants(unit: UnitIR, writes: list[int]) -> None:
    """A register written once, with a constant, is that constant."""
    constants: dict[int, int] = {}
    for block in unit.blocks:
        for ins in block.ins:
            if ins.op == "MOV" and is_const(ins.b) and is_virtual(ins.a) and writes[ins.a] == 1:
                constants[ins.a] = ins.b
    if not constants:
        return
    for block in unit.blocks:
        for ins in block.ins:
            for field in READS[ins.op]:
                if ins.op == "COUNT" and field == "a":
                    continue
                operand = getattr(ins, field)
                if operand in constants:
                    setattr(ins, field, constants[operand])


def _write_in_place(unit: UnitIR, writes: list[int], reads: list[int]) -> None:
    """`OP t, …; MOV x, t` becomes `OP x, …` when t is used nowhere else."""
    for block in unit.blocks:
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
