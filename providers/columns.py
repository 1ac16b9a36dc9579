"""Columns: the values of one path for many keys, as arrays that the machine reads without a call per actor."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .base import DataProvider, FactorySpec

Warn = Callable[[str, str], None]

# The type of a column -> the type of the array that the machine reads, and the kinds of arrays that become one.
_DTYPES = {"f64": ("float64", "fiu"), "i64": ("int64", "iu"), "bool": ("uint8", "b")}

NO_TEXT = -1
"""The code of null in a column of texts."""


class ColumnRefused(ValueError):
    """What a provider gave for a path is no column of its type; the message says why."""


@dataclass(slots=True)
class Column:
    """Values of one path.

    Attributes:
        kind: `f64`, `i64`, `bool` or `str`.
        values: float64, int64, uint8, or int32 codes into `strings`; shape (n,).
        valid: uint8, shape (n,), 0 is null; None: only NaN is, and a code below zero.
        strings: texts by code, for a column of texts.
    """

    kind: str
    values: Any
    valid: Any = None
    strings: list[str] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def value(self, row: int) -> Any:
        """One value, as the scalar path has it."""
        if self.valid is not None and not self.valid[row]:
            return None
        if self.kind == "str":
            code = int(self.values[row])
            return None if code < 0 or self.strings is None else self.strings[code]
        found = self.values[row].item()
        if self.kind == "bool":
            return bool(found)
        return None if found != found else found


def column_of(kind: str, given: Any, count: int) -> Column:
    """A column of what a provider gave; arrays of the right type are taken and not copied.

    Args:
        kind: the type that the provider declared.
        given: an array, a masked array, or a sequence of plain values with None.
        count: how many values are wanted.

    Raises:
        ColumnRefused: it has another shape, length or type.
    """
    import numpy

    if kind == "str":
        return _texts(given, count)
    wanted, kinds = _DTYPES[kind]
    mask = None
    if isinstance(given, numpy.ma.MaskedArray):
        mask = numpy.ma.getmaskarray(given)
        given = given.data
    if not isinstance(given, numpy.ndarray):
        return _from_values(kind, given, count)
    if given.shape != (count,):
        raise ColumnRefused(f"an array of shape ({count},) is wanted, not {given.shape}")
    if kind == "bool" and given.dtype == numpy.uint8:
        values = given
    elif given.dtype.kind not in kinds:
        if given.dtype == object:
            return _from_values(kind, given.tolist(), count)
        raise ColumnRefused(f"an array of {wanted if kind != 'bool' else 'bool'} is wanted, not of {given.dtype}")
    elif given.dtype == numpy.uint64 and kind == "i64" and given.size and given.max() > numpy.iinfo("int64").max:
        raise ColumnRefused("a number does not fit int64")
    elif kind == "bool":
        values = given.view(numpy.uint8)
    else:
        # The machine reads numbers in the order of bytes of this processor.
        values = given.astype(wanted, copy=False)
    valid = None if mask is None else numpy.logical_not(mask).view(numpy.uint8)
    return Column(kind, numpy.ascontiguousarray(values), valid)


def _sequence(given: Any, count: int) -> Sequence[Any]:
    if isinstance(given, str | bytes | Mapping) or not hasattr(given, "__len__") or not hasattr(given, "__iter__"):
        raise ColumnRefused(f"an array or a list is wanted, not {type(given).__name__}")
    if len(given) != count:
        raise ColumnRefused(f"{count} values are wanted, not {len(given)}")
    return given  # type: ignore[no-any-return]


def _from_values(kind: str, given: Any, count: int) -> Column:
    """A column of plain values; each must be of the type, or None."""
    import numpy

    values = numpy.zeros(count, dtype=_DTYPES[kind][0])
    valid = numpy.zeros(count, dtype=numpy.uint8)
    for row, value in enumerate(_sequence(given, count)):
        if value is None:
            continue
        fits = isinstance(value, bool | numpy.bool_)
        if kind != "bool":
            numbers: tuple[type, ...] = (int, numpy.integer)
            fits = not fits and isinstance(value, numbers + (float, numpy.floating) if kind == "f64" else numbers)
        if not fits:
            raise ColumnRefused(f"element {row} is {type(value).__name__}, not {kind}")
        try:
            values[row] = value
        except OverflowError:
            raise ColumnRefused(f"element {row} does not fit {kind}") from None
        valid[row] = 1
    return Column(kind, values, valid)


def _texts(given: Any, count: int) -> Column:
    import numpy

    mask = None
    if isinstance(given, numpy.ma.MaskedArray):
        mask = numpy.ma.getmaskarray(given)
        given = given.data
    if isinstance(given, numpy.ndarray):
        if given.shape != (count,):
            raise ColumnRefused(f"an array of shape ({count},) is wanted, not {given.shape}")
        if given.dtype.kind not in "UO":
            raise ColumnRefused(f"texts are wanted, not an array of {given.dtype}")
        given = given.tolist()
    codes = numpy.full(count, NO_TEXT, dtype=numpy.int32)
    known: dict[str, int] = {}
    for row, text in enumerate(_sequence(given, count)):
        if text is None or (mask is not None and mask[row]):
            continue
        if not isinstance(text, str):
            raise ColumnRefused(f"element {row} is {type(text).__name__}, not a text")
        if not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                raise ColumnRefused(f"element {row} holds half of a surrogate pair") from None
        codes[row] = known.setdefault(str(text), len(known))
    return Column("str", codes, None, list(known))


def row_provider(spec: FactorySpec, made: Any) -> DataProvider | None:
    """A provider over the columns of a single key.

    Raises:
        ColumnRefused: what was given is no mapping of paths, or a column does not fit.
    """
    if made is None:
        return None
    if not isinstance(made, Mapping):
        raise ColumnRefused(f"columns gave {type(made).__name__}, not a mapping of paths")
    values = {}
    for path, kind in (spec.paths or {}).items():
        given = made.get(path)
        if given is not None:
            values[path] = column_of(kind, given, 1).value(0)
    return DataProvider(nested(values))


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Maps within maps, of values by dotted path."""
    root: dict[str, Any] = {}
    for path, value in sorted(values.items(), key=lambda item: item[0].count(".")):
        place = root
        *above, last = path.split(".")
        for step in above:
            below = place.get(step)
            if not isinstance(below, dict):
                below = place[step] = {}
            place = below
        place[last] = value
    return root


def empty_column(kind: str, count: int) -> Column:
    """A column of nulls."""
    import numpy

    dtype = "int32" if kind == "str" else _DTYPES[kind][0]
    values = numpy.full(count, NO_TEXT if kind == "str" else 0, dtype=dtype)
    return Column(kind, values, numpy.zeros(count, dtype=numpy.uint8), [] if kind == "str" else None)


class TextCodes:
    """The numbers of the texts in a column of a table. Texts that are gone make room for others."""

    def __init__(self, column: Column) -> None:
        self.column = column
        self._known: dict[str, int] = {}
        self._published = 0

    def code(self, text: str) -> int:
        """The number of a text, a new one for a new text."""
        return self._known.setdefault(text, len(self._known))

    def publish(self) -> bool:
        """Bring `strings` up to date; whether they changed."""
        if len(self._known) > 2 * len(self.column) + 1_000:
            self._number_anew()
        elif len(self._known) == self._published:
            return False
        self._published = len(self._known)
        self.column.strings = list(self._known)
        return True

    def _number_anew(self) -> None:
        texts = list(self._known)
        codes = self.column.values.tolist()
        used = dict.fromkeys(code for code in codes if code >= 0)
        numbers = {code: number for number, code in enumerate(used)}
        self.column.values[:] = [numbers.get(code, NO_TEXT) for code in codes]
        self._known = {texts[code]: number for code, number in numbers.items()}
