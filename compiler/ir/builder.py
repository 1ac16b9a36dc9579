"""`Builder`: appends instructions to a unit while a tree is walked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from abml.source import NOWHERE, Span

from .blocks import ENDS, SLOT, Block, HandlerRow, Ins, UnitIR
from .pool import Pool


@dataclass(slots=True)
class Loop:
    """An enclosing loop: where `break` and `continue` go, and the scopes open at each."""

    leave: Block
    again: Block
    leave_scopes: int
    again_scopes: int


class _At:
    """What `Builder.at` gives; there is one for every action and most expressions."""

    __slots__ = ("before", "builder", "span")

    def __init__(self, builder: Builder, span: Span) -> None:
        self.builder = builder
        self.span = span

    def __enter__(self) -> None:
        self.before = self.builder.span
        self.builder.span = self.span

    def __exit__(self, *error: object) -> None:
        self.builder.span = self.before


class Builder:
    """Builds one unit.

    Attributes:
        doc: index of the document whose code is built.
        document_mode: names mean what the document scope sees (functions, thunks).
        lexical: names that are registers (lambda parameters, function locals).
        scopes: child scopes open inside the unit's own.
        loops, list_ends: enclosing loops; ends of the enclosing action lists.
    """

    def __init__(self, pool: Pool, unit: UnitIR, *, document_mode: bool = False) -> None:
        self.pool = pool
        self.unit = unit
        self.doc = unit.document
        self.document_mode = document_mode
        self.lexical: dict[str, int] = {}
        self.scopes = 0
        self.loops: list[Loop] = []
        self.list_ends: list[Block] = []
        self.chain_exits: list[Block] = []
        self.span: Span = NOWHERE
        self.action = ""
        self.block = Block()
        unit.blocks.append(self.block)

    # ------------------------------------------------------------ instructions

    def new(self) -> int:
        """A new virtual register."""
        register = self.unit.virtuals
        self.unit.virtuals = register + 1
        return register

    def emit(self, op: str, a: int = 0, b: int = 0, c: int = 0, target: Block | None = None) -> None:
        """Append an instruction with the current span and action."""
        self.block.ins.append(Ins(op, a, b, c, target, self.span, self.action))

    def into(self, op: str, b: int = 0, c: int = 0, *, to: int | None = None) -> int:
        """Append an instruction that writes, to `to` or a new register; give what it wrote."""
        register = self.new() if to is None else to
        self.emit(op, register, b, c)
        return register

    def const(self, value: Any) -> int:
        """An operand that holds a constant; loads it when there are too many direct ones."""
        operand = self.pool.operand(value)
        if operand is not None:
            return operand
        register = self.new()
        self.emit("LOADK", register, self.pool.constant(value))
        return register

    def move(self, to: int, value: int) -> int:
        """Make `to` equal `value`."""
        if to != value:
            self.emit("MOV", to, value)
        return to

    def slot(self, name: str) -> int:
        """Operand of a slot by name."""
        return self.pool.slot(name)

    def slot_number(self, operand: int) -> int:
        """Index of a slot operand."""
        return operand - SLOT

    def push(self, operands: list[int]) -> None:
        """Push arguments, three at a time."""
        for i in range(0, len(operands), 3):
            part = operands[i : i + 3]
            a, b, c = [*part, 0, 0][:3]
            self.emit(("ARG", "ARG2", "ARG3")[len(part) - 1], a, b, c)

    # ------------------------------------------------------------------ blocks

    def start(self, block: Block | None = None) -> Block:
        """Begin a block at the end of the layout; the current one runs into it."""
        self.block = Block() if block is None else block
        self.unit.blocks.append(self.block)
        return self.block

    def jump(self, op: str, target: Block, a: int = 0, b: int = 0) -> None:
        """Append a jump and begin the next block."""
        self.emit(op, a, b, 0, target)
        self.start()

    def leap(self, target: Block) -> None:
        """Append a jump to the end of the leaf action it stands in, and begin the next block."""
        self.emit("JMP", 1, 0, 0, target)
        self.start()

    def end(self, op: str, a: int = 0, b: int = 0) -> None:
        """Append an instruction that ends the unit's control and begin the next block."""
        self.emit(op, a, b)
        self.start()

    @property
    def is_open(self) -> bool:
        """Control can reach the end of the current block (as far as it alone shows)."""
        return not self.block.ins or self.block.ins[-1].op not in ENDS

    # ------------------------------------------------------------------ errors

    def handle(self, first: Block, last: Block, kind: str, target: Block, register: int, **rest: Any) -> None:
        """Add a row to the error table; rows of inner code are added before those of outer code."""
        self.unit.handlers.append(HandlerRow(first, last, kind, target, register, **rest))

    @contextmanager
    def substitute(self, register: int, value: Any, *, warn: bool = False) -> Iterator[None]:
        """An error inside the block makes `register` the constant `value` instead."""
        first = self.start()
        yield
        after = Block()
        if self.block is first and not first.ins:
            self.start(after)
            return
        self.start(after)
        constant = self.pool.constant(value)
        self.handle(first, after, "substitute", after, register, scopes=self.scopes, constant=constant, warn=warn)

    # ----------------------------------------------------------------- context

    def at(self, span: Span) -> _At:
        """Instructions inside come from `span`."""
        return _At(self, span)

    @contextmanager
    def scope(self) -> Iterator[None]:
        """A child scope."""
        self.emit("SCOPE")
        self.scopes += 1
        yield
        self.scopes -= 1
        self.emit("UNSCOPE", 1)

    def leave_scopes(self, keep: int) -> None:
        """Leave scopes before a jump out of them; the code after it is still inside."""
        if self.scopes > keep:
            self.emit("UNSCOPE", self.scopes - keep)
