"""Declared types: the text of `type:` to a `TypeRef` (language reference 3.1)."""

from __future__ import annotations

import re
from typing import Any

from abml.diagnostics import Reporter
from abml.patterns import lazy

from . import _type_tables as t
from . import ast
from .lalr import Failure, Grammar, Tokens
from .places import Place, span_maker

VALUE_TYPES = frozenset(
    ("null", "bool", "int", "float", "string", "duration", "list", "map", "any", "object")
    + ("entity_ref", "vector3", "timestamp")
)
"""The names every document knows; others come from schemas (reference 9.4)."""

ALIASES = {
    "array": "list",
    "boolean": "bool",
    "number": "float",
    "integer": "int",
    "double": "float",
    "str": "string",
    "dict": "map",
    "guid": "entity_ref",
    "uuid": "entity_ref",
}
"""Older spellings of type names (dialect row A6)."""

_MAX_DEPTH = 32
_TOKEN = lazy(r"[ \t\r\n]*+(?:(enum[ \t\r\n]*+\()|([A-Za-z_][A-Za-z0-9_.-]*+)|([<>?,)])|(.))", re.DOTALL)
_TEXT = lazy(r"""[ \t\r\n]*+(?:('[^']*+'|"[^"]*+")|([^,()'"][^,()]*+)|([,)])|(.))""", re.DOTALL)
_SIGNS = {"<": t.LESS, ">": t.GREATER, "?": t.QUESTION, ",": t.COMMA, ")": t.RPAR}
_BLANKS = " \t\r\n"
_ARITIES = {"list": 1, "map": 2}


def parse_type(text: str, place: Place, reporter: Reporter) -> ast.TypeRef | None:
    """Read a declared type such as `list<int>?` or `enum(low, high)`.

    Older spellings of names become the present ones. Names that are no value
    types are left to the checker, which knows the schemas.

    Returns:
        The type, or None when it is malformed (ABML304 was reported).
    """
    builder = _TypeBuilder(text, place, reporter)
    tokens = _scan(text)
    result = None
    if tokens is None:
        builder.fail(0, len(text), f"the type is nested more than {_MAX_DEPTH} levels deep")
    elif tokens.kinds[0] == t.END:
        builder.fail(0, len(text), "the type is empty")
    else:
        result = _GRAMMAR.parse("type", tokens, builder)
        if type(result) is Failure:
            start, end = tokens.starts[result.token], tokens.ends[result.token]
            found = f"'{text[start:end]}'" if end > start else "the end"
            builder.fail(start, end, f"the type '{_short(text)}' is malformed: found {found}")
    return None if builder.failed else result


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _scan(text: str) -> Tokens | None:
    """The tokens of a type; None when brackets nest too deeply."""
    tokens = Tokens()
    end = len(text.rstrip(_BLANKS))
    at = depth = 0
    in_enum = False
    while at < end:
        match = (_TEXT if in_enum else _TOKEN).match(text, at, end)
        if match is None:
            break
        group = match.lastindex or 0
        value = match[group]
        start, at = match.start(group), match.end()
        if group == 4:
            tokens.add(-1, start, at, value)
            break
        if in_enum and group < 3:
            value = value[1:-1] if group == 1 else value.rstrip(_BLANKS)
            tokens.add(t.TEXT, start, at, value)
            continue
        if group == 1:
            in_enum = True
            tokens.add(t.ENUM_OPEN, start, at, value)
        elif group == 2:
            tokens.add(t.NAME, start, at, value)
        else:
            depth += (value == "<") - (value == ">")
            if depth > _MAX_DEPTH:
                return None
            in_enum = in_enum and value != ")"
            tokens.add(_SIGNS[value], start, at, value)
    tokens.add(t.END, end, end, "")
    return tokens


class _TypeBuilder:
    """The methods that the type tables call."""

    def __init__(self, text: str, place: Place, reporter: Reporter) -> None:
        self.text = text
        self.span = span_maker(place, len(text))
        self.reporter = reporter
        self.failed = False

    def fail(self, start: int, end: int, text: str) -> None:
        self.failed = True
        hint = "a type is a name such as int, 'list<int>', 'map<string, float>', 'enum(low, high)' or 'int?'"
        self.reporter.report(304, self.span(start, end), name=self.text[start:end], text=text, hint=hint)

    def on_first(self, start: int, end: int, item: Any) -> list[Any]:
        return [item]

    def on_more(self, start: int, end: int, items: list[Any], comma: str, item: Any) -> list[Any]:
        items.append(item)
        return items

    def on_named(self, start: int, end: int, name: str) -> ast.TypeRef:
        return ast.TypeRef(self.span(start, end), ALIASES.get(name, name), text=self.text[start:end])

    def on_generic(
        self, start: int, end: int, name: str, opening: str, args: list[ast.TypeRef], closing: str
    ) -> ast.TypeRef:
        canonical = ALIASES.get(name, name)
        arity = _ARITIES.get(canonical)
        if arity is None:
            self.fail(start, end, f"the type '{name}' takes no type arguments")
        elif len(args) != arity:
            self.fail(start, end, f"'{name}<...>' takes {arity} type{'s' if arity > 1 else ''}, not {len(args)}")
        elif canonical == "map" and args[0].name != "string":
            self.fail(start, end, f"the keys of a map are strings, not '{args[0].text}'")
        return ast.TypeRef(self.span(start, end), canonical, args, text=self.text[start:end])

    def on_enum(self, start: int, end: int, opening: str, members: list[str], closing: str) -> ast.TypeRef:
        return ast.TypeRef(self.span(start, end), "enum", [], members, text=self.text[start:end])

    def on_optional(self, start: int, end: int, inner: ast.TypeRef, mark: str) -> ast.TypeRef:
        inner.optional = True
        inner.span = self.span(start, end)
        inner.text = self.text[start:end]
        return inner


_GRAMMAR = Grammar(t, _TypeBuilder)
