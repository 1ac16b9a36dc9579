"""The assembler: a listing with symbolic names becomes a `Program`.

For tests and tools; the compiler emits instructions directly. A text looks like

    slot total document
    flow main
            MOV   total, #0
    again:  ADD   total, total, #1
            JLT   total, #10, again
            RET   total

`slot NAME [KIND]` declares a variable (kind `chain` by default). `flow`,
`function N` (N parameters) and `thunk` begin a unit. Registers are slots by
name, `t0`, `t1`, … for temporaries (each unit has its own), `#value` for constants
(JSON). Constants of `k` operands are written the same way. Sites and function
references are given beside the text and named `x0`, `x1`, … and `f0`, `f1`, ….
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from .encoding import encode
from .opcodes import BY_NAME
from .program import FunctionRef, Handler, Line, Program, Site, Slot, Unit
from .verify import verify

_LINE = re.compile(r"\s*(?:(\w+):)?\s*(?:([A-Z]\w*)\s*(.*))?$")
_OPERAND = re.compile(r'\s*("(?:[^"\\]|\\.)*"|#"(?:[^"\\]|\\.)*"|[^,]+)\s*(?:,|$)')


class AssemblyError(ValueError):
    """The text is no program; the message names the line."""


def assemble(
    text: str,
    *,
    sites: Sequence[Site] = (),
    functions: Sequence[FunctionRef] = (),
    handlers: dict[str, list[dict[str, Any]]] | None = None,
    info: dict[str, Any] | None = None,
) -> Program:
    """The verified program of a listing.

    `handlers` gives error tables by unit name; each row is the fields of
    `Handler` with labels for `start`, `end` and `target` and `t0`-style registers.
    """
    return _Assembler(text, sites, functions, handlers or {}, info or {}).program()


class _Assembler:
    def __init__(
        self,
        text: str,
        sites: Sequence[Site],
        functions: Sequence[FunctionRef],
        handlers: dict[str, list[dict[str, Any]]],
        info: dict[str, Any],
    ) -> None:
        self.lines = text.splitlines()
        self.sites = tuple(sites)
        self.functions = tuple(functions)
        self.rows = handlers
        self.info = info
        self.slots: dict[str, Slot] = {}
        self.constants: dict[str, Any] = {}
        self.units: list[dict[str, Any]] = []

    def program(self) -> Program:
        self._scan()
        slots = list(self.slots)
        first_constant = len(slots)
        self.first_temporary = first_constant + len(self.constants)
        registers = {name: i for i, name in enumerate(slots)}
        registers |= {f"#{key}": first_constant + i for i, key in enumerate(self.constants)}
        code: list[bytes] = []
        units: list[Unit] = []
        region = self.first_temporary
        for unit in self.units:
            base = region
            region += unit["temporaries"]
            labels = {name: unit["start"] + at for name, at in unit["labels"].items()}
            for at, (op, operands) in enumerate(unit["code"]):
                code.append(self._encode(op, operands, registers, labels, base, unit["start"] + at))
            units.append(self._unit(unit, labels, base, region))
        flows = {unit.name: {"unit": i, "document": 0} for i, unit in enumerate(units) if unit.kind == "flow"}
        program = Program(
            code=b"".join(code),
            constants=tuple(self.constants.values()),
            preloaded=len(self.constants),
            slots=tuple(self.slots.values()),
            registers=region,
            units=tuple(units),
            functions=self.functions,
            sites=self.sites,
            lines=(Line(0, 0, 1, 1, 1, 1, ""),) if code else (),
            documents=(None,),
            info={"flows": flows, "entry": 0, "error_unit": -1} | self.info,
        )
        verify(program)
        return program

    def _scan(self) -> None:
        pc = 0
        for number, line in enumerate(self.lines, 1):
            line = line.split(" ;")[0].rstrip()
            words = line.split()
            if not words:
                continue
            if words[0] == "slot":
                self.slots[words[1]] = Slot(words[1], words[2] if len(words) > 2 else "chain")
            elif words[0] in ("flow", "function", "thunk"):
                count = int(words[2]) if words[0] == "function" else 0
                self.units.append(
                    {
                        "kind": words[0],
                        "name": words[1],
                        "arity": (0, count),
                        "start": pc,
                        "code": [],
                        "labels": {},
                        "temporaries": count + 1 if words[0] == "function" else 0,
                    }
                )
            else:
                pc += self._instruction(line, number)

    def _instruction(self, line: str, number: int) -> int:
        match = _LINE.match(line)
        if match is None or not self.units:
            raise AssemblyError(f"line {number}: not an instruction: {line.strip()}")
        label, op, rest = match.groups()
        unit = self.units[-1]
        if label is not None:
            unit["labels"][label] = len(unit["code"])
        if op is None:
            return 0
        if op not in BY_NAME:
            raise AssemblyError(f"line {number}: unknown opcode {op}")
        operands = [part.strip() for part in _OPERAND.findall(rest or "")]
        for operand in operands:
            if operand.startswith("#"):
                self.constants.setdefault(operand[1:], json.loads(operand[1:]))
            elif re.fullmatch(r"t\d+", operand):
                unit["temporaries"] = max(unit["temporaries"], int(operand[1:]) + 1)
        unit["code"].append((op, operands))
        return 1

    def _encode(
        self, op: str, operands: list[str], registers: dict[str, int], labels: dict[str, int], base: int, pc: int
    ) -> bytes:
        fields = [0, 0, 0]
        kinds = BY_NAME[op].operands.replace("-", "")
        if len(kinds) != len(operands):
            raise AssemblyError(f"{op} takes {len(kinds)} operands, not {len(operands)}")
        for i, (kind, operand) in enumerate(zip(kinds, operands, strict=True)):
            if kind in "wr":
                fields[i] = self._register(operand, registers, base)
            elif kind == "s":
                fields[i] = registers[operand]
            elif kind in "kK":
                fields[i] = list(self.constants).index(operand[1:])
            elif kind == "l":
                fields[i] = 0 if operand == "-" else (labels[operand] - pc - 1) & 0xFFFF
            elif kind == "L":
                distance = (labels[operand] - pc - 1) & 0xFFFFFFFF
                fields[1], fields[2] = distance & 0xFFFF, distance >> 16
            else:
                fields[i] = int(operand.lstrip("xf"))
        return encode(BY_NAME[op].number, *fields)

    def _register(self, operand: str, registers: dict[str, int], base: int) -> int:
        if operand in registers:
            return registers[operand]
        if re.fullmatch(r"t\d+", operand):
            return base + int(operand[1:])
        raise AssemblyError(f"no register {operand}")

    def _unit(self, unit: dict[str, Any], labels: dict[str, int], base: int, end: int) -> Unit:
        rows = []
        for row in self.rows.get(unit["name"], []):
            fields = dict(row)
            for key in ("start", "end", "target"):
                fields[key] = labels[fields[key]] if isinstance(fields[key], str) else fields[key]
            for key in ("register", "resume"):
                if isinstance(fields.get(key), str):
                    fields[key] = self._register(fields[key], {}, base)
            rows.append(Handler(**fields))
        stop = unit["start"] + len(unit["code"])
        tops = tuple(labels[name] for name in unit["labels"] if name.startswith("top"))
        return Unit(unit["kind"], unit["name"], 0, unit["start"], stop, base, end, (), unit["arity"], tops, tuple(rows))
