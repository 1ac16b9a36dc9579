"""Straightening: jumps to the next instruction and jumps around a jump disappear."""

from __future__ import annotations

from abml.compiler.ir.blocks import Block, UnitIR
from abml.compiler.ir.pool import Pool


def run(unit: UnitIR, pool: Pool) -> None:
    """Remove the jumps that the layout makes needless."""
    unit.compact()
    _turn_around(unit)
    # From the back: what a jump leads over may have lost its own jump.
    following: Block | None = None
    for block in reversed(unit.blocks):
        if block.ins and block.ins[-1].op == "JMP" and block.ins[-1].target is following:
            block.ins.pop()
        if block.ins or following is None:
            following = block


# A conditional jump and the one for the opposite case.
_PAIRS = (("JT", "JF"), ("JNULL", "JNOTNULL"), ("JLT", "JNLT"), ("JLE", "JNLE"), ("JEQ", "JNE"))
_OPPOSITE = {**dict(_PAIRS), **{b: a for a, b in _PAIRS}}


def _turn_around(unit: UnitIR) -> None:
    """`JT a, L; JMP M; L:` becomes `JF a, M`."""
    named = {id(block) for block in (*unit.tops, *unit.leaves, *unit.leaf_ends)}
    named |= {id(row.target) for row in unit.handlers}
    targets = {id(ins.target) for block in unit.blocks for ins in block.ins}
    full = [block for block in unit.blocks if block.ins]
    for block, middle, after in zip(full, full[1:], full[2:], strict=False):
        last, jump = block.ins[-1] if block.ins else None, middle.ins[0]
        if (
            last is not None
            and last.op in _OPPOSITE
            and last.target is after
            and jump.op == "JMP"
            and not jump.a
            and id(middle) not in named
            and id(middle) not in targets
        ):
            last.op, last.target = _OPPOSITE[last.op], jump.target
            middle.ins = []
