"""Blocks, instructions and operands of the intermediate form.

An operand is one int. Virtual registers count from 0, variable slots from
`SLOT`, pool constants from `CONST`; so an operand tells what it is by its
range, and passes compare operands without making objects.

A unit is a list of blocks in layout order; a block without a final jump runs
into the next one. Handlers name blocks, so passes may empty a block but never
remove or reorder it; `UnitIR.compact` drops the empty ones between passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from abml.compiler.bytecode.opcodes import BY_NAME, Opcode
from abml.source import Span

SLOT = 1 << 24
CONST = 1 << 26


def is_virtual(operand: int) -> bool:
    """True for a virtual register."""
    return operand < SLOT


def is_slot(operand: int) -> bool:
    """True for a variable slot."""
    return SLOT <= operand < CONST


def is_const(operand: int) -> bool:
    """True for a constant of the pool."""
    return operand >= CONST


@dataclass(slots=True, eq=False)
class Block:
    """A straight run of instructions.

    Attributes:
        number: position in the layout, set when the unit is finished.
    """

    ins: list[Ins] = field(default_factory=list)
    number: int = -1


@dataclass(slots=True, eq=False)
class Ins:
    """One instruction.

    Attributes:
        a, b, c: by the row's operand kinds; registers as operands (see the
            module's text), `k`/`K` as operands of the CONST range, `x`, `f` and
            `i` as plain numbers, slots of kind `s` as operands of the SLOT range.
        a of a JMP: 1 when the jump must lead to the end of a leaf action, where a
            turn ends, and not to where that leads.
        target: the block of an `l` or `L` operand; None for an ACT, WAITFOR or SYNC
            without a timeout branch.
        span: what of the source it comes from.
        action: canonical name of the action it belongs to.
    """

    op: str
    a: int
    b: int
    c: int
    target: Block | None
    span: Span
    action: str

    @property
    def row(self) -> Opcode:
        """The opcode's row."""
        return BY_NAME[self.op]

    def written(self) -> int | None:
        """The operand it writes, or None."""
        at = WRITES[self.op]
        return None if at is None else getattr(self, at)

    def read(self) -> Iterator[int]:
        """The register operands it reads."""
        for at in READS[self.op]:
            yield getattr(self, at)


# Which fields of an instruction are written and read registers, by opcode name.
WRITES: dict[str, str | None] = {
    name: next(("abc"[i] for i, kind in enumerate(row.operands) if kind == "w"), None) for name, row in BY_NAME.items()
}
READS: dict[str, tuple[str, ...]] = {
    name: tuple("abc"[i] for i, kind in enumerate(row.operands) if kind == "r") for name, row in BY_NAME.items()
}
# These change a register that they also read.
UPDATES = frozenset({"COUNT"})
READS["COUNT"] = ("a", "b")

# The same as bits, for loops over all instructions: one look-up, then plain attributes.
READS_A, READS_B, READS_C, WRITES_A, WRITES_B = 1, 2, 4, 8, 16
SHAPES: dict[str, int] = {
    name: sum({"a": READS_A, "b": READS_B, "c": READS_C}[field] for field in READS[name])
    + {None: 0, "a": WRITES_A, "b": WRITES_B}[WRITES[name]]
    for name in BY_NAME
}

ENDS = frozenset(name for name, row in BY_NAME.items() if "ends" in row.flags)
CALLS = frozenset(name for name, row in BY_NAME.items() if "calls" in row.flags)
RAISES = frozenset(name for name, row in BY_NAME.items() if "raises" in row.flags)


@dataclass(slots=True, eq=False)
class HandlerRow:
    """One row of a unit's error table, by blocks; `last` is excluded.

    See `compiler.bytecode.program.Handler` for the other fields; registers are
    virtual, -1 for none, `constant` is an operand.
    """

    first: Block
    last: Block
    kind: str
    target: Block
    register: int
    scopes: int = 0
    resume: int = -1
    constant: int = -1
    warn: bool = False


@dataclass(slots=True, eq=False)
class UnitIR:
    """One flow, function or thunk before register allocation.

    Attributes:
        params: flows: slots; functions: virtual registers of the parameters,
            followed by the register that receives how many arguments were given.
        tops: blocks at which the top-level actions start, the end of the body last.
        leaves, leaf_ends: blocks at which the leaf actions start, and those behind them.
        virtuals: how many virtual registers there are.
    """

    kind: str
    name: str
    document: int
    blocks: list[Block] = field(default_factory=list)
    params: list[int] = field(default_factory=list)
    arity: tuple[int, int] = (0, 0)
    tops: list[Block] = field(default_factory=list)
    handlers: list[HandlerRow] = field(default_factory=list)
    virtuals: int = 0
    leaves: list[Block] = field(default_factory=list)
    leaf_ends: list[Block] = field(default_factory=list)

    def number(self) -> None:
        """Give every block its position."""
        for i, block in enumerate(self.blocks):
            block.number = i

    def compact(self) -> None:
        """Drop the empty blocks, and number the rest; what named an empty block names the next one.

        The last block stays, so that a range can end there.
        """
        end = self.blocks[-1]
        full = [block for block in self.blocks if block.ins or block is end]
        if len(full) < len(self.blocks):
            self.number()
            blocks = self.blocks
            # From the back, so that what follows an empty block is known.
            follower = end
            stands_for = [end] * len(blocks)
            for i in range(len(blocks) - 1, -1, -1):
                if blocks[i].ins:
                    follower = blocks[i]
                stands_for[i] = follower
            for block in full:
                for ins in block.ins:
                    if ins.target is not None:
                        ins.target = stands_for[ins.target.number]
            for row in self.handlers:
                row.first = stands_for[row.first.number]
                row.last = stands_for[row.last.number]
                row.target = stands_for[row.target.number]
            self.handlers = [row for row in self.handlers if row.first is not row.last]
            self.tops = list(dict.fromkeys(stands_for[top.number] for top in self.tops))
            self.leaves = list(dict.fromkeys(stands_for[leaf.number] for leaf in self.leaves))
            self.leaf_ends = list(dict.fromkeys(stands_for[leaf.number] for leaf in self.leaf_ends))
            self.blocks = full
        self.number()


def successors(unit: UnitIR, index: int) -> list[Block]:
    """Where control may go from a block: jump targets and the next block, handlers left out."""
    block = unit.blocks[index]
    if not block.ins:
        return [unit.blocks[index + 1]] if index + 1 < len(unit.blocks) else []
    found = [ins.target for ins in block.ins if ins.target is not None]
    if block.ins[-1].op not in ENDS and index + 1 < len(unit.blocks):
        found.append(unit.blocks[index + 1])
    return found
