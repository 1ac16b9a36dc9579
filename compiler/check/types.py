"""Static types: sets of kinds of values, what declared types mean, what built-ins give.

A type is the set of kinds a value may have. The set of all kinds stands for
"unknown". `sure` separates what the text of an expression proves from what only
a declaration says, because declarations are not enforced on assignment
(language 3.1): errors need the first, warnings may rest on the second.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from abml.schemas import SchemaType
from abml.syntax import ast
from abml.values import Duration

ALL = frozenset(("null", "bool", "int", "float", "string", "duration", "list", "map", "provider"))
NULL = frozenset(("null",))
BOOL = frozenset(("bool",))
INT = frozenset(("int",))
FLOAT = frozenset(("float",))
NUMBER = INT | FLOAT
STRING = frozenset(("string",))
DURATION = frozenset(("duration",))
LIST = frozenset(("list",))
MAP = frozenset(("map",))

_NO_VALUE: Any = object()


class Type(NamedTuple):
    """The static type of an expression.

    Attributes:
        kinds: the kinds its value may have.
        sure: proved by the expression itself, not by a declaration.
        value: its constant value, or a marker; see `is_constant`.
        members: of a declared enum.
    """

    kinds: frozenset[str]
    sure: bool = True
    value: Any = _NO_VALUE
    members: tuple[str, ...] = ()

    @property
    def is_constant(self) -> bool:
        return self.value is not _NO_VALUE

    @property
    def is_known(self) -> bool:
        return self.kinds != ALL

    def within(self, kinds: frozenset[str]) -> bool:
        """Every value it may have is of one of these kinds; null left aside."""
        return self.is_known and self.kinds - NULL <= kinds and bool(self.kinds - NULL)


ANY = Type(ALL)


def of_kinds(kinds: frozenset[str], *parts: Type) -> Type:
    """A type that is as sure as the types it follows from."""
    return Type(kinds, all(part.sure for part in parts))


def constant(value: Any) -> Type:
    """The type of one value."""
    return Type(frozenset((kind_of_value(value),)), value=value)


def kind_of_value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "int"
    if isinstance(value, float):
        return "float"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Duration):
        return "duration"
    return "list" if isinstance(value, list) else "map"


#: Declared type name -> kinds of values that fit without a conversion that matters.
DECLARED: dict[str, frozenset[str]] = {
    "any": ALL,
    "null": NULL,
    "bool": BOOL,
    "int": INT,
    "float": NUMBER,
    "string": STRING,
    "duration": DURATION,
    "list": LIST,
    "map": MAP,
    "object": MAP,
    "entity_ref": STRING | MAP,
    "vector3": LIST | MAP,
    "timestamp": INT,
    "enum": STRING,
    # Action parameters are declared with these too.
    "number": NUMBER,
}

#: Declared type name -> kinds that may be assigned; wider than what it holds, to warn only of what cannot fit.
ASSIGNABLE: dict[str, frozenset[str]] = {
    **DECLARED,
    "int": NUMBER,
    "timestamp": NUMBER,
    "duration": DURATION | NUMBER,
}


def declared_type(ref: ast.TypeRef | None, types: dict[str, SchemaType] | None = None) -> Type:
    """The type that a declaration promises; null is always possible."""
    if ref is None:
        return ANY
    kinds = DECLARED.get(ref.name)
    members = tuple(ref.members)
    if kinds is None:
        schema = (types or {}).get(ref.name)
        if schema is None:
            return ANY
        kinds = MAP if schema.kind == "object" else DECLARED.get(schema.kind, ALL)
        members = schema.members
    return Type(kinds | NULL, False, members=members)


# Texts in the data of a template, whatever they stand for.
_TEXT_TAGS = frozenset(("uuid", "guid", "datetime", "date", "bytes", "text"))


@lru_cache(maxsize=1024)
def template_type(text: str) -> Type:
    """The type that a registered path promises; unknown words promise nothing."""
    if text.rstrip("? ") in _TEXT_TAGS:
        return Type(STRING | NULL, False)
    # Only documents that read resources pay for these.
    from abml.diagnostics import Reporter
    from abml.source import Source
    from abml.syntax.places import TextPlace
    from abml.syntax.types import parse_type

    ref = parse_type(text, TextPlace(Source(text)), Reporter())
    return ANY if ref is None else declared_type(ref)


def fits(ref: ast.TypeRef, found: Type, types: dict[str, SchemaType] | None = None) -> bool:
    """Whether some value of a type may be assigned where a type is declared; unknown types always fit."""
    if not found.is_known or not found.kinds - NULL:
        return True
    kinds = ASSIGNABLE.get(ref.name)
    if kinds is None:
        kinds = declared_type(ref, types).kinds
    return bool((found.kinds - NULL) & kinds)


def kinds_text(kinds: frozenset[str]) -> str:
    """Kinds in words: `int`, `int or float`."""
    names = sorted(kinds - NULL) or ["null"]
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1]


def type_text(ref: ast.TypeRef) -> str:
    """A declared type as written."""
    if ref.text:
        return ref.text
    return f"enum({', '.join(ref.members)})" if ref.name == "enum" else ref.name


def _table() -> dict[str, frozenset[str]]:
    groups: list[tuple[frozenset[str], str]] = [
        (NUMBER | NULL, "min max abs floor ceil round trunc sign pow clamp random random_int sum avg mod idiv"),
        (FLOAT | NULL, "sqrt lerp inverse_lerp remap smoothstep random_float distance"),
        (BOOL, "chance starts_with ends_with is_null is_number is_text is_list is_map is_empty to_bool"),
        (BOOL, "contains has_key any all none"),
        (INT, "length now hash index_of count millis"),
        (FLOAT, "seconds"),
        (NUMBER, "to_number"),
        (INT | FLOAT, "to_int"),
        (STRING | NULL, "upper lower trim capitalize substring replace repeat_text pad_left pad_right format"),
        (STRING, "join type_of kind_of to_string to_json"),
        (STRING | NULL, "format_date render"),
        (DURATION | NULL, "duration"),
        (LIST, "list range split keys values entries concat append without take skip unique flatten map"),
        (LIST, "filter reject sort sort_by sort_by_desc zip shuffle sample"),
        (MAP, "dict merge group_by to_map"),
        (LIST | STRING | NULL, "slice reverse"),
    ]
    return {name: kinds for kinds, names in groups for name in names.split()}


#: Canonical function name -> kinds of its result; functions that may give anything are missing.
RESULTS: dict[str, frozenset[str]] = _table()

_LISTS = (
    "append without take skip unique flatten sum avg map filter reject find any all none sort sort_by sort_by_desc"
    " min_by max_by group_by to_map reduce random_choice weighted_choice shuffle sample"
)
#: Functions whose first argument must be a list or null (language 4.7, *list?*).
TAKES_LIST = frozenset(_LISTS.split())

_NUMBERS = "abs floor ceil round trunc sign sqrt pow clamp lerp inverse_lerp remap smoothstep idiv mod chance"
#: Functions whose arguments are numbers (language 4.6, *n?*): a list or map there only ever gives null.
TAKES_NUMBERS = frozenset(_NUMBERS.split())
