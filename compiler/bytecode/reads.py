"""Static paths: where the code of a program reads `${name.path}` of a name that nothing need bind.

A chain such as `LOADV t, personality; GETM t, t, "aggression"; PFIN t, t` says at
compile time what it will ask a provider for. Hosts of populations answer such
reads from columns, and load namespaces before a program asks for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .encoding import decode_range, signed16, signed32
from .opcodes import OPCODES
from .program import Program

_NUMBERS = {opcode.name: opcode.number for opcode in OPCODES}
_LOADS = (_NUMBERS["LOADV"], _NUMBERS["LOADD"])
_GETM, _PFIN = _NUMBERS["GETM"], _NUMBERS["PFIN"]


class Read(NamedTuple):
    """One read of a static path.

    Attributes:
        pc: its first instruction, a LOADV or LOADD.
        length: how many instructions it is.
        name: the root name.
        path: the steps after it.
        target: register that receives the value.
        is_plain: nothing but the target is left behind, so that the read can be done at once.
    """

    pc: int
    length: int
    name: str
    path: tuple[str, ...]
    target: int
    is_plain: bool


def static_reads(program: Program) -> list[Read]:
    """Every read of a static path, in the order of the code."""
    found: list[Read] = []
    first_temporary = len(program.slots) + program.preloaded
    for unit in program.units:
        code = list(decode_range(program.code, unit.start, unit.end))
        targets = _targets(code).union(handler.target - unit.start for handler in unit.handlers)
        for at, (op, register, slot, _) in enumerate(code):
            if op not in _LOADS or program.slots[slot].kind != "chain":
                continue
            path: list[str] = []
            left = {register}
            end = at + 1
            while end < len(code) and end not in targets and code[end][0] == _GETM and code[end][2] == register:
                register = code[end][1]
                left.add(register)
                path.append(str(program.constants[code[end][3]]))
                end += 1
            if end >= len(code) or end in targets or code[end][0] != _PFIN or code[end][2] != register:
                continue
            target = code[end][1]
            left.discard(target)
            plain = all(one >= first_temporary and _is_unused(code, targets, one, at, end) for one in left)
            found.append(Read(unit.start + at, end + 1 - at, program.slots[slot].name, tuple(path), target, plain))
    return found


def static_paths(program: Program) -> dict[str, list[str]]:
    """Root name -> dotted paths that the program reads below it, in the order in which it mentions them.

    The root as a whole is the empty path. Names that the program itself binds
    somewhere are among them: what they mean is known only when it runs.
    """
    found: dict[str, list[str]] = {}
    for read in static_reads(program):
        paths = found.setdefault(read.name, [])
        path = ".".join(read.path)
        if path not in paths:
            paths.append(path)
    return found


def _targets(code: Sequence[tuple[int, ...]]) -> set[int]:
    """Places within a unit that a jump leads to."""
    found = set()
    for at, (op, *fields) in enumerate(code):
        for place, kind in enumerate(OPCODES[op].operands):
            if kind == "l":
                found.add(at + 1 + signed16(fields[place]))
            elif kind == "L":
                found.add(at + 1 + signed32(fields[1], fields[2]))
    return found


def _is_unused(code: Sequence[tuple[int, ...]], targets: set[int], register: int, first: int, last: int) -> bool:
    """Nobody outside of the chain from `first` to `last` reads what the chain left in the register.

    Every other reader follows a writer of its own within its basic block.
    """
    is_written = False
    for at, (op, *fields) in enumerate(code):
        row = OPCODES[op]
        if at in targets or first <= at <= last:
            is_written = False
        if first <= at <= last:
            continue
        kinds = list(zip(row.operands, fields, strict=False))
        if not is_written and any(kind == "r" and value == register for kind, value in kinds):
            return False
        if any(kind == "w" and value == register for kind, value in kinds):
            is_written = True
        if row.is_jump or "ends" in row.flags:
            is_written = False
    return True
