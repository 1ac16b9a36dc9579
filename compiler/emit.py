"""Emission: units with virtual registers become the bytes and tables of a `Program`."""

from __future__ import annotations

import sys
from array import array
from typing import Any

from abml.compiler.bytecode.opcodes import BY_NAME
from abml.compiler.bytecode.program import MAX_REGISTERS, NO_REGISTER, Handler, Line, Program, Unit
from abml.compiler.ir.blocks import CONST, SLOT, Block, Ins, UnitIR
from abml.compiler.ir.program import ProgramIR

from .registers import Allocation, allocate

# A signed 16-bit distance; a little room is left for the jumps that reach further.
NEAR = 32_000

# Opcode name -> number and the kind of each operand, `-` where there is none.
_SHAPES: dict[str, tuple[int, str, str, str]] = {
    name: (row.number, *row.operands.ljust(3, "-")) for name, row in BY_NAME.items()
}
# Opcode name -> number, which operands are registers, and whether one is something else.
_REGISTERS: dict[str, tuple[int, bool, bool, bool, bool]] = {
    name: (number, a in "wr", b in "wr", c in "wr", not set("wr-").issuperset((a, b, c)))
    for name, (number, a, b, c) in _SHAPES.items()
}
_WITH_NEAR_LABEL = frozenset(name for name, row in BY_NAME.items() if "l" in row.operands)
_JMP = BY_NAME["JMP"].number


class TooManyRegisters(Exception):
    """The program needs more registers than operands can name."""


def emit(ir: ProgramIR) -> Program:
    """The program of an intermediate form whose passes have run.

    Raises:
        TooManyRegisters: slots, direct constants and temporaries exceed the register file.
    """
    return _Emitter(ir).emit()


class _Emitter:
    def __init__(self, ir: ProgramIR) -> None:
        self.ir = ir
        pool = ir.pool
        order = sorted(range(len(pool.constants)), key=lambda i: (not pool.direct[i], i))
        self.constants = {old: new for new, old in enumerate(order)}
        self.constant_values = tuple(pool.constants[i] for i in order)
        self.preloaded = pool.direct_count
        self.first_constant = len(pool.slots)
        self.first_scratch = self.first_constant + self.preloaded
        self.allocations = [allocate(unit) for unit in ir.units]
        self.first_region = self.first_scratch + max((a.scratch_size for a in self.allocations), default=0)
        self.lines: list[Line] = []
        # The last of them without its place in the code.
        self.last_line: tuple[Any, ...] = ()
        # Four numbers an instruction.
        self.code: list[int] = []
        self.pc = 0

    def emit(self) -> Program:
        units = []
        region = self.first_region
        for unit, allocation in zip(self.ir.units, self.allocations, strict=True):
            units.append(_UnitEmitter(self, unit, allocation, region).emit())
            region += allocation.region_size
        if region >= MAX_REGISTERS:
            raise TooManyRegisters(f"{region} registers, at most {MAX_REGISTERS - 1}")
        pool = self.ir.pool
        return Program(
            code=_code_bytes(self.code),
            constants=self.constant_values,
            preloaded=self.preloaded,
            slots=tuple(pool.slots),
            registers=region,
            units=tuple(units),
            functions=tuple(pool.functions),
            sites=tuple(pool.sites),
            lines=tuple(self.lines),
            documents=tuple(self.ir.documents),
            info=self.ir.info,
        )


def _code_bytes(code: list[int]) -> bytes:
    numbers = array("H", code)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


class _Places(dict[int, int]):
    """Operand -> register, found out once for each operand of a unit."""

    def __init__(self, parent: _Emitter, allocation: Allocation, region: int) -> None:
        self.parent = parent
        self.allocation = allocation
        self.region = region

    def __missing__(self, operand: int) -> int:
        parent = self.parent
        if operand >= CONST:
            register = parent.first_constant + parent.constants[operand - CONST]
        elif operand >= SLOT:
            register = operand - SLOT
        else:
            place = self.allocation.scratch.get(operand)
            if place is not None:
                register = parent.first_scratch + place
            else:
                register = self.region + self.allocation.region[operand]
        self[operand] = register
        return register


class _UnitEmitter:
    """One unit. Instructions are placed first, then labels are filled in."""

    def __init__(self, parent: _Emitter, unit: UnitIR, allocation: Allocation, region: int) -> None:
        self.parent = parent
        self.unit = unit
        self.allocation = allocation
        self.region = region
        self.start = parent.pc
        self.registers = _Places(parent, allocation, region)

    def emit(self) -> Unit:
        for block in self.unit.blocks:
            if "MOV" in [ins.op for ins in block.ins]:
                block.ins = [ins for ins in block.ins if not self._is_idle(ins)]
        places = self._place(long=False)
        total = places[-1] - self.start
        far = total > NEAR
        if far:
            places = self._place(long=True)
        self.parent.pc = self.start
        if far:
            for block in self.unit.blocks:
                for ins in block.ins:
                    self._far_instruction(ins, places)
        else:
            self._instructions(places)
        unit = self.unit
        end = self.parent.pc
        params: tuple[int, ...] = ()
        if unit.kind == "flow":
            params = tuple(slot - SLOT for slot in unit.params)
        return Unit(
            kind=unit.kind,
            name=unit.name,
            document=unit.document,
            start=self.start,
            end=end,
            region_start=self.region,
            region_end=self.region + self.allocation.region_size,
            params=params,
            arity=unit.arity,
            tops=_marks(unit.tops, places, end),
            handlers=self._handlers(places),
            leaves=_marks(unit.leaves, places, end),
            leaf_ends=_marks(unit.leaf_ends, places, end),
        )

    def _is_idle(self, ins: Ins) -> bool:
        """A copy onto itself, as allocation leaves it where both ends share a place."""
        return ins.op == "MOV" and self.registers[ins.a] == self.registers[ins.b]

    def _place(self, *, long: bool) -> list[int]:
        """First instruction of every block, and the end; jumps take three places in the long form."""
        places = []
        pc = self.start
        for block in self.unit.blocks:
            places.append(pc)
            if long:
                pc += sum(3 if _is_near(ins) else 1 for ins in block.ins)
            else:
                pc += len(block.ins)
        places.append(pc)
        return places

    def _instructions(self, places: list[int]) -> None:
        """All instructions of the unit, when every label is near."""
        parent = self.parent
        registers = self.registers
        code = parent.code
        pc = self.start
        span = None
        action = ""
        for block in self.unit.blocks:
            for ins in block.ins:
                if ins.span is not span or ins.action != action:
                    span, action = ins.span, ins.action
                    self._line(ins, pc)
                number, in_a, in_b, in_c, is_special = _REGISTERS[ins.op]
                code += (
                    number,
                    registers[ins.a] if in_a else 0,
                    registers[ins.b] if in_b else 0,
                    registers[ins.c] if in_c else 0,
                )
                if is_special:
                    self._special(ins, pc, None if ins.target is None else places[ins.target.number])
                pc += 1
        parent.pc = pc

    def _far_instruction(self, ins: Ins, places: list[int]) -> None:
        parent = self.parent
        self._line(ins, parent.pc)
        target = None if ins.target is None else places[ins.target.number]
        if not _is_near(ins):
            self._word(ins, target)
            return
        # The near label leads to a far jump behind a jump around it.
        self._word(ins, parent.pc + 2)
        self._jump(parent.pc + 2)
        self._jump(target or 0)

    def _jump(self, target: int) -> None:
        distance = (target - self.parent.pc - 1) & 0xFFFFFFFF
        self.parent.code += (_JMP, 0, distance & 0xFFFF, distance >> 16)
        self.parent.pc += 1

    def _word(self, ins: Ins, target: int | None) -> None:
        number, *kinds = _SHAPES[ins.op]
        values = (ins.a, ins.b, ins.c)
        self.parent.code.append(number)
        self.parent.code += [
            self.registers[value] if kind in "wr" else 0 for kind, value in zip(kinds, values, strict=True)
        ]
        self._special(ins, self.parent.pc, target)
        self.parent.pc += 1

    def _special(self, ins: Ins, pc: int, target: int | None) -> None:
        """Fill in the operands of the last instruction that are no registers."""
        code = self.parent.code
        constants = self.parent.constants
        first = len(code) - 3
        for i, kind in enumerate(_SHAPES[ins.op][1:]):
            if kind in "wr-":
                continue
            value = (ins.a, ins.b, ins.c)[i]
            if kind in "xfi":
                code[first + i] = value
            elif kind == "k":
                code[first + i] = constants[value - CONST]
            elif kind == "s":
                code[first + i] = value - SLOT
            elif kind == "l":
                code[first + i] = 0 if target is None else (target - pc - 1) & 0xFFFF
            else:
                wide = constants[value - CONST] if kind == "K" else ((target or 0) - pc - 1) & 0xFFFFFFFF
                code[first + 1], code[first + 2] = wide & 0xFFFF, wide >> 16

    def _line(self, ins: Ins, pc: int) -> None:
        span = ins.span
        parent = self.parent
        rest = (self.unit.document, span.line, span.column, span.end_line, span.end_column, ins.action)
        if rest != parent.last_line:
            parent.last_line = rest
            parent.lines.append(Line(pc, *rest))

    def _handlers(self, places: list[int]) -> tuple[Handler, ...]:
        rows = []
        for row in self.unit.handlers:
            start, end = places[row.first.number], places[row.last.number]
            if start < end:
                rows.append(
                    Handler(
                        start=start,
                        end=end,
                        kind=row.kind,
                        target=places[row.target.number],
                        register=self.registers[row.register],
                        scopes=row.scopes,
                        args=0,
                        resume=NO_REGISTER if row.resume < 0 else self.registers[row.resume],
                        constant=0 if row.constant < 0 else self.parent.constants[row.constant - CONST],
                        warn=row.warn,
                    )
                )
        return tuple(rows)


def _marks(blocks: list[Block], places: list[int], end: int) -> tuple[int, ...]:
    """First instructions of blocks, ascending; those at the unit's end are left out."""
    return tuple(sorted({places[block.number] for block in blocks if places[block.number] < end}))


def _is_near(ins: Ins) -> bool:
    """The instruction has a 16-bit label that is used."""
    return ins.target is not None and ins.op in _WITH_NEAR_LABEL
