"""A `Program` as plain data and back: the body of a program file, checked field by field."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml.errors import ProgramFormatError
from abml.values import Duration

from .encoding import pack, unpack
from .program import FunctionRef, Handler, Line, Program, Site, Slot, Unit
from .verify import verify


def to_bytes(program: Program) -> bytes:
    """The program as a file; equal programs give equal bytes."""
    return pack(
        {
            "code": program.code,
            "constants": list(program.constants),
            "preloaded": program.preloaded,
            "slots": [list(slot) for slot in program.slots],
            "registers": program.registers,
            "units": [_unit_row(unit) for unit in program.units],
            "functions": [list(ref) for ref in program.functions],
            "sites": [[*site[:6], sorted(site.flags), site.data] for site in program.sites],
            "lines": [list(line) for line in program.lines],
            "documents": list(program.documents),
            "info": program.info,
        }
    )


def _unit_row(unit: Unit) -> list[Any]:
    handlers = [list(row) for row in unit.handlers]
    return [*unit[:10], handlers, unit.leaves, unit.leaf_ends]


def from_bytes(data: bytes) -> Program:
    """The program in a file, verified.

    Raises:
        ProgramFormatError: the data is no valid program.
    """
    body = unpack(data)
    if not isinstance(body, dict) or set(body) != _FIELDS:
        raise ProgramFormatError("the program lacks a section")
    try:
        program = Program(
            code=_is(body["code"], bytes),
            constants=tuple(_constant(value) for value in _is(body["constants"], list)),
            preloaded=_number(body["preloaded"]),
            slots=tuple(_row(Slot, "ssnsnoB", row) for row in _is(body["slots"], list)),
            registers=_number(body["registers"]),
            units=tuple(_unit(row) for row in _is(body["units"], list)),
            functions=tuple(_row(FunctionRef, "sn", row) for row in _is(body["functions"], list)),
            sites=tuple(_site(row) for row in _is(body["sites"], list)),
            lines=tuple(_row(Line, "nnnnnns", row) for row in _is(body["lines"], list)),
            documents=tuple(_optional(path) for path in _is(body["documents"], list)),
            info=_is(body["info"], dict),
        )
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise ProgramFormatError("a table of the program has the wrong shape") from error
    verify(program)
    return program


_FIELDS = frozenset("code constants preloaded slots registers units functions sites lines documents info".split())


def _is(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ProgramFormatError(f"expected {kind.__name__} in the program, found {type(value).__name__}")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not -1 <= value < 1 << 31:
        raise ProgramFormatError("a number in the program is out of range")
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else _is(value, str)


def _constant(value: Any) -> Any:
    if value is None or isinstance(value, bool | float | str | Duration):
        return value
    if isinstance(value, int) and -(1 << 63) <= value < 1 << 63:
        return value
    raise ProgramFormatError("a constant of the program is no plain value")


# s text, n number, o optional text, B bool; numbers also cover -1.
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "s": lambda v: _is(v, str),
    "n": _number,
    "o": _optional,
    "B": lambda v: _is(v, bool),
}


def _row(kind: Any, shape: str, row: Any) -> Any:
    """A named tuple of that class, its fields checked by their letters."""
    if not isinstance(row, list) or len(row) != len(shape):
        raise ProgramFormatError(f"a {kind.__name__} row of the program has the wrong length")
    return kind(*(_CHECKS[check](value) for check, value in zip(shape, row, strict=True)))


def _numbers(value: Any) -> tuple[int, ...]:
    return tuple(_number(item) for item in _is(value, list))


def _unit(row: Any) -> Unit:
    if not isinstance(row, list) or len(row) != 13:
        raise ProgramFormatError("a unit of the program has the wrong length")
    kind, name, document, start, end, region_start, region_end, params, arity, tops, handlers, leaves, ends = row
    if kind not in ("flow", "function", "thunk"):
        raise ProgramFormatError("a unit of the program has an unknown kind")
    pair = _numbers(arity)
    return Unit(
        kind,
        _is(name, str),
        _number(document),
        _number(start),
        _number(end),
        _number(region_start),
        _number(region_end),
        _numbers(params),
        (pair[0], pair[1]),
        _numbers(tops),
        tuple(_row(Handler, "nnsnnnnnnB", item) for item in _is(handlers, list)),
        _numbers(leaves),
        _numbers(ends),
    )


def _site(row: Any) -> Site:
    if not isinstance(row, list) or len(row) != 8:
        raise ProgramFormatError("a site of the program has the wrong length")
    kind, name, unit, names, slots, count, flags, data = row
    return Site(
        _is(kind, str),
        _is(name, str),
        _number(unit),
        tuple(_is(item, str) for item in _is(names, list)),
        _numbers(slots),
        _number(count),
        frozenset(_is(item, str) for item in _is(flags, list)),
        data,
    )
