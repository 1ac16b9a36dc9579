"""The bytes of instructions and of a whole program file (`.abmc`).

A file is `ABMC`, a version, the SHA-256 of the body, and the body: one value in
a small self-describing encoding (null, bool, int, float, text, bytes, duration,
list, map). Maps keep their order, so equal programs give equal bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

from abml.errors import ProgramFormatError
from abml.values import Duration

MAGIC = b"ABMC"
FORMAT_VERSION = 1
MAX_DEPTH = 64
_INSTRUCTION = struct.Struct("<HHHH")
_FLOAT = struct.Struct("<d")

encode = _INSTRUCTION.pack


def decode(code: bytes, pc: int) -> tuple[int, int, int, int]:
    """(opcode number, a, b, c) of the instruction at `pc`."""
    op, a, b, c = _INSTRUCTION.unpack_from(code, pc * 8)
    return op, a, b, c


def decode_range(code: bytes, start: int, end: int) -> Iterator[tuple[int, ...]]:
    """(opcode number, a, b, c) of the instructions from `start` up to `end`."""
    return _INSTRUCTION.iter_unpack(memoryview(code)[start * 8 : end * 8])


def signed16(value: int) -> int:
    """A 16-bit field as a signed number."""
    return value - 0x10000 if value & 0x8000 else value


def signed32(low: int, high: int) -> int:
    """Fields b and c as one signed number."""
    value = low | high << 16
    return value - (1 << 32) if value & 0x80000000 else value


# ---------------------------------------------------------------------- values


def _size(out: bytearray, number: int) -> None:
    """A count or length in seven-bit groups, lowest first."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _write(out: bytearray, value: Any) -> None:
    writer = _WRITERS.get(type(value))
    if writer is None:
        writer = next((_WRITERS[kind] for kind in type(value).__mro__ if kind in _WRITERS), None)
        if writer is None:
            raise TypeError(f"a program cannot hold a {type(value).__name__}")
    writer(out, value)


def _write_int(out: bytearray, value: int) -> None:
    data = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
    out += b"i"
    _size(out, len(data))
    out += data


def _write_float(out: bytearray, value: float) -> None:
    out += b"d" + _FLOAT.pack(value)


def _write_text(out: bytearray, value: str) -> None:
    data = value.encode("utf-8", "surrogatepass")
    out += b"s"
    _size(out, len(data))
    out += data


def _write_bytes(out: bytearray, value: bytes) -> None:
    out += b"b"
    _size(out, len(value))
    out += value


def _write_duration(out: bytearray, value: Duration) -> None:
    out += b"u"
    _write_int(out, value.micros)


def _write_map(out: bytearray, value: dict[Any, Any]) -> None:
    out += b"m"
    _size(out, len(value))
    for key, item in value.items():
        _write(out, key)
        _write(out, item)


def _write_list(out: bytearray, value: list[Any] | tuple[Any, ...]) -> None:
    out += b"l"
    _size(out, len(value))
    for item in value:
        if type(item) is int and 0 <= item < 0x80:
            # Most of a program's tables.
            out += b"i\x01"
            out.append(item)
        else:
            _write(out, item)


_WRITERS: dict[type, Callable[[bytearray, Any], None]] = {
    type(None): lambda out, value: out.append(0x6E),  # n
    bool: lambda out, value: out.append(0x74 if value else 0x66),  # t, f
    int: _write_int,
    float: _write_float,
    str: _write_text,
    bytes: _write_bytes,
    Duration: _write_duration,
    dict: _write_map,
    list: _write_list,
    tuple: _write_list,
}


class _Reader:
    """Reads values; every read is checked against the end of the data."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        end = self.at + count
        if count < 0 or end > len(self.data):
            raise ProgramFormatError("the program ends in the middle of a value")
        part = self.data[self.at : end]
        self.at = end
        return part

    def size(self) -> int:
        number = shift = 0
        while True:
            byte = self.take(1)[0]
            number |= (byte & 0x7F) << shift
            if byte < 0x80:
                break
            shift += 7
            if shift > 35:
                raise ProgramFormatError("a length in the program is too large")
        if number > len(self.data) - self.at:
            raise ProgramFormatError("a length in the program is larger than the program")
        return number

    def value(self, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise ProgramFormatError("the program's data is nested too deeply")
        kind = self.take(1)
        if kind == b"m":
            result: dict[Any, Any] = {}
            for _ in range(self.size()):
                key = self.value(depth + 1)
                if not isinstance(key, str | int):
                    raise ProgramFormatError("a key in the program is no text")
                result[key] = self.value(depth + 1)
            return result
        if kind == b"l":
            return self.items(depth + 1)
        reader = _SCALARS.get(kind)
        if reader is None:
            raise ProgramFormatError(f"unknown kind of value in the program: {kind!r}")
        return reader(self)

    def items(self, depth: int) -> list[Any]:
        """The elements of a list. Most values of a program are short ints in lists, so these are read in place."""
        result: list[Any] = []
        data = self.data
        for _ in range(self.size()):
            at = self.at
            size = _INTS.get(data[at : at + 2])
            if size is not None and at + 2 + size <= len(data):
                self.at = at + 2 + size
                result.append(int.from_bytes(data[at + 2 : at + 2 + size], "little", signed=True))
            else:
                result.append(self.value(depth))
        return result

    def text(self) -> str:
        try:
            return self.take(self.size()).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise ProgramFormatError("a text in the program is not UTF-8") from error

    def duration(self) -> Duration:
        micros = self.value(MAX_DEPTH)
        if not isinstance(micros, int) or not -(1 << 63) <= micros < 1 << 63:
            raise ProgramFormatError("a duration in the program is out of range")
        return Duration(micros)

    def integer(self) -> int:
        return int.from_bytes(self.take(self.size()), "little", signed=True)


_SCALARS: dict[bytes, Callable[[_Reader], Any]] = {
    b"n": lambda r: None,
    b"t": lambda r: True,
    b"f": lambda r: False,
    b"i": _Reader.integer,
    b"d": lambda r: _FLOAT.unpack(r.take(8))[0],
    b"s": _Reader.text,
    b"b": lambda r: r.take(r.size()),
    b"u": _Reader.duration,
}


# The beginning of an int of up to eight bytes -> how many.
_INTS = {b"i" + bytes((size,)): size for size in range(9)}


# ----------------------------------------------------------------------- files


def pack(body: Any) -> bytes:
    """A program file around a body of plain data."""
    out = bytearray()
    _write(out, body)
    data = bytes(out)
    return MAGIC + FORMAT_VERSION.to_bytes(2, "little") + sha256(data).digest() + data


def unpack(data: bytes) -> Any:
    """The body of a program file.

    Raises:
        ProgramFormatError: it is no program, of another version, truncated or altered.
    """
    if data[:4] != MAGIC:
        raise ProgramFormatError("this is not a compiled ABML program (it does not start with ABMC)")
    if len(data) < 38:
        raise ProgramFormatError("the program is truncated")
    version = int.from_bytes(data[4:6], "little")
    if version != FORMAT_VERSION:
        raise ProgramFormatError(
            f"the program has format {version}, this version of abml reads {FORMAT_VERSION}; compile it again"
        )
    body = data[38:]
    if sha256(body).digest() != data[6:38]:
        raise ProgramFormatError("the program is damaged: its checksum does not match")
    reader = _Reader(body)
    value = reader.value()
    if reader.at != len(body):
        raise ProgramFormatError("the program has data after its end")
    return value
