"""Emission: units with virtual registers become the bytes and tables of a `Program`."""

from __future__ import annotations

from abml.compiler.bytecode.encoding import encode
from abml.compiler.bytecode.opcodes import BY_NAME
from abml.compiler.bytecode.program import MAX_REGISTERS, NO_REGISTER, Handler, Line, Program, Unit
from abml.compiler.ir.blocks import CONST, SLOT, Block, Ins, UnitIR
from abml.compiler.ir.program import ProgramIR

from .registers import Allocation, allocate

# A signed 16-bit distance; a little room is left for the jumps that reach further.
NEAR = 32_000


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
        self.code: list[bytes] = []
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
            code=b"".join(self.code),
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


class _UnitEmitter:
    """One unit. Instructions are placed first, then labels are filled in."""

    def __init__(self, parent: _Emitter, unit: UnitIR, allocation: Allocation, region: int) -> None:
        self.parent = parent
        self.unit = unit
        self.allocation = allocation
        self.region = region
        self.start = parent.pc

    def emit(self) -> Unit:
        for block in self.unit.blocks:
            block.ins = [ins for ins in block.ins if not self._is_idle(ins)]
        places = self._place(long=False)
        total = places[-1] - self.start
        far = total > NEAR
        if far:
            places = self._place(long=True)
        self.parent.pc = self.start
        for block in self.unit.blocks:
            for ins in block.ins:
                self._instruction(ins, places, far)
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
            tops=tuple(sorted({places[top.number] for top in unit.tops if places[top.number] < end})),
            handlers=self._handlers(places),
        )

    def _is_idle(self, ins: Ins) -> bool:
        """A copy onto itself, as allocation leaves it where both ends share a place."""
        return ins.op == "MOV" and self._register(ins.a) == self._register(ins.b)

    def _place(self, *, long: bool) -> list[int]:
        """First instruction of every block, and the end; jumps take three places in the long form."""
        places = []
        pc = self.start
        for block in self.unit.blocks:
            places.append(pc)
            for ins in block.ins:
                pc += 3 if long and _is_near(ins) else 1
        places.append(pc)
        return places

    def _instruction(self, ins: Ins, places: list[int], far: bool) -> None:
        self._line(ins)
        target = _target(ins, places)
        if target is None or not _is_near(ins):
            self._word(ins, target)
        elif far:
            # The near label leads to a far jump behind a jump around it.
            pc = self.parent.pc
            self._word(ins, pc + 2)
            self._jump(pc + 3)
            self._jump(target)
        else:
            self._word(ins, target)

    def _jump(self, target: int) -> None:
        distance = (target - self.parent.pc - 1) & 0xFFFFFFFF
        self.parent.code.append(encode(BY_NAME["JMP"].number, 0, distance & 0xFFFF, distance >> 16))
        self.parent.pc += 1

    def _word(self, ins: Ins, target: int | None) -> None:
        row = BY_NAME[ins.op]
        fields = [0, 0, 0]
        for i, kind in enumerate(row.operands):
            value = (ins.a, ins.b, ins.c)[i]
            if kind in "wr":
                fields[i] = self._register(value)
            elif kind == "s":
                fields[i] = value - SLOT
            elif kind == "k":
                fields[i] = self.parent.constants[value - CONST]
            elif kind == "K":
                number = self.parent.constants[value - CONST]
                fields[1], fields[2] = number & 0xFFFF, number >> 16
            elif kind == "l":
                fields[i] = 0 if target is None else (target - self.parent.pc - 1) & 0xFFFF
            elif kind == "L":
                distance = ((target or 0) - self.parent.pc - 1) & 0xFFFFFFFF
                fields[1], fields[2] = distance & 0xFFFF, distance >> 16
            elif kind in "xfi":
                fields[i] = value
        self.parent.code.append(encode(row.number, *fields))
        self.parent.pc += 1

    def _register(self, operand: int) -> int:
        parent = self.parent
        if operand >= CONST:
            return parent.first_constant + parent.constants[operand - CONST]
        if operand >= SLOT:
            return operand - SLOT
        place = self.allocation.scratch.get(operand)
        if place is not None:
            return parent.first_scratch + place
        return self.region + self.allocation.region[operand]

    def _line(self, ins: Ins) -> None:
        span = ins.span
        line = Line(
            self.parent.pc, self.unit.document, span.line, span.column, span.end_line, span.end_column, ins.action
        )
        lines = self.parent.lines
        if not lines or lines[-1][1:] != line[1:]:
            lines.append(line)

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
                        register=self._register(row.register),
                        scopes=row.scopes,
                        args=0,
                        resume=NO_REGISTER if row.resume < 0 else self._register(row.resume),
                        constant=0 if row.constant < 0 else self.parent.constants[row.constant - CONST],
                        warn=row.warn,
                    )
                )
        return tuple(rows)


def _is_near(ins: Ins) -> bool:
    """The instruction has a 16-bit label that is used."""
    return ins.target is not None and "l" in BY_NAME[ins.op].operands


def _target(ins: Ins, places: list[int]) -> int | None:
    return None if ins.target is None else places[_number(ins.target)]


def _number(block: Block) -> int:
    return block.number
