"""A readable listing of a program, with source lines beside the instructions."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping

from abml.values import quote, to_text

from .encoding import decode, signed16, signed32
from .opcodes import OPCODES
from .program import NO_REGISTER, Program, Unit


def disassemble(program: Program, sources: Mapping[int, list[str]] | None = None) -> str:
    """The listing; `sources` gives the lines of a document by its index."""
    return "\n".join(line.rstrip() for unit in program.units for line in _unit(program, unit, sources or {})) + "\n"


def read_sources(program: Program) -> dict[int, list[str]]:
    """The lines of the documents whose files are there."""
    found = {}
    for i, path in enumerate(program.documents):
        if path is not None:
            try:
                with open(path, encoding="utf-8-sig") as file:
                    found[i] = file.read().splitlines()
            except (OSError, ValueError):
                continue
    return found


def register_name(program: Program, number: int) -> str:
    """A slot by its name, a constant by its value, a temporary by its number."""
    if number < len(program.slots):
        return program.slots[number].name
    constant = number - len(program.slots)
    if constant < program.preloaded:
        return "#" + constant_text(program.constants[constant])
    return f"t{number - len(program.slots) - program.preloaded}"


def constant_text(value: object) -> str:
    """A constant as a listing shows it; a float always with its point or exponent."""
    if isinstance(value, str):
        return quote(value)
    text = to_text(value)
    return f"{text}.0" if isinstance(value, float) and text.lstrip("-").isdigit() else text


def _unit(program: Program, unit: Unit, sources: Mapping[int, list[str]]) -> list[str]:
    path = program.documents[unit.document]
    lines = [f"{unit.kind} {unit.name}" + (f"  ({path})" if path and unit.document else "")]
    labels = _labels(program, unit)
    starts = [line.pc for line in program.lines]
    shown = None
    for pc in range(unit.start, unit.end):
        place = program.lines[bisect_right(starts, pc) - 1] if starts else None
        if place is not None and (place.document, place.line) != shown:
            shown = (place.document, place.line)
            text = sources.get(place.document, [])
            source = text[place.line - 1].strip() if place.line <= len(text) else ""
            lines.append(f"  ; line {place.line}" + (f": {source}" if source else ""))
        mark = f"L{pc}:" if pc in labels else ""
        lines.append(f"{mark:>7} {pc:5}  {instruction_text(program, pc)}")
    for row in unit.handlers:
        kept = register_name(program, row.register)
        resume = "" if row.resume == NO_REGISTER else f", resume in {register_name(program, row.resume)}"
        lines.append(f"  on error {row.start}..{row.end}: {row.kind} L{row.target} with {kept}{resume}")
    lines.append("")
    return lines


def _labels(program: Program, unit: Unit) -> set[int]:
    found = {row.target for row in unit.handlers}
    for pc in range(unit.start, unit.end):
        target = label(program, pc)
        if target is not None:
            found.add(target)
    return found


def label(program: Program, pc: int) -> int | None:
    """The instruction a jump at `pc` leads to; None when it is no jump or its label is unused."""
    op, _, b, c = decode(program.code, pc)
    row = OPCODES[op]
    if "L" in row.operands:
        return pc + 1 + signed32(b, c)
    if "l" in row.operands:
        distance = signed16(c)
        return pc + 1 + distance if distance or row.name not in ("ACT", "WAITFOR", "SYNC") else None
    return None


def instruction_text(program: Program, pc: int) -> str:
    """One instruction with its operands by name."""
    op, *fields = decode(program.code, pc)
    row = OPCODES[op]
    parts = []
    note = ""
    for i, kind in enumerate(row.operands):
        value = fields[i]
        if kind in "wrs":
            parts.append(register_name(program, value))
        elif kind == "k":
            parts.append(constant_text(program.constants[value]))
        elif kind == "K":
            parts.append(constant_text(program.constants[fields[1] | fields[2] << 16]))
        elif kind in "lL":
            target = label(program, pc)
            parts.append("-" if target is None else f"L{target}")
        elif kind == "x":
            site = program.sites[value]
            words = [site.name or "?", *sorted(site.flags)]
            if "ahead" in site.flags:
                ahead = site.data["ahead"]
                id_at = ".".join(["element", *ahead["path"]])
                note = f"  ; fetched before the loop: {ahead['type']} of each {id_at}"
            if site.names:
                words.append(f"({', '.join(site.names)})")
            parts.append(" ".join(words))
        elif kind == "f":
            parts.append(program.functions[value].name)
        elif kind == "i":
            parts.append(str(value))
    return f"{row.name:<9} {', '.join(parts)}{note}"
