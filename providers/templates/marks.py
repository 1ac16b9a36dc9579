"""Marked schemas: which schemas of a file are resource templates, under what names (runtime 6.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from abml.registries import plain
from abml.resource_templates import (
    PSEUDO_KEYS,
    is_minutes,
    is_step_name,
    is_template_type,
    namespace_of,
    template_type_like,
)
from abml.source import Span
from abml.suggest import nearest
from abml.syntax.cst_nodes import CstMapping, CstNode, CstScalar, CstSequence

from .schemas import Place, SchemaFile, SchemaFiles, entries, escaped, items, kind_of, text_of

MARKS = ("x-resource-template", "x-archive-type")
CALLBACK = "x-compression-callback"

_NAMESPACE = "x-template-namespace"
_KEYS = (
    _NAMESPACE,
    "x-snapshot-ttl-minutes",
    "x-template-aliases",
    "x-source-type",
    "x-template-shortcuts",
    "x-template-schema-version",
    "x-template-migrations",
)
# What stands below these is data that looks like the schema, and no schema.
_DATA = frozenset(("example", "examples", "default", "enum", "const"))
_TAILS = ("CompressData", "Archive")
_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))


class Marked(NamedTuple):
    """A schema that is a resource template.

    Attributes:
        schema: where it stands.
        pointer: the same as a JSON pointer, `#/components/schemas/TowerCrew`.
        span: of the mark.
        spans: of what else it says, by key; those of the targets of shortcuts by key, `/` and shortcut.
    """

    schema: Place
    pointer: str
    span: Span
    spans: dict[str, Span]
    type: str
    namespace: str
    aliases: tuple[str, ...] | None
    ttl_minutes: float | None
    schema_version: int
    shortcuts: dict[str, str]
    migrations: dict[int, dict[str, str | None]]


class _Callback(NamedTuple):
    """A collector of a resource and the schema of what it answers."""

    source_type: str | None
    namespace: str | None


def marked_schemas(file: SchemaFile, files: SchemaFiles) -> list[Marked]:
    """The marked schemas of a file, in its order; marks that cannot be used are reported (ABML422)."""
    if file.root is None:
        return []
    if not isinstance(file.root, CstMapping):
        files.report(420, file.root.span, file, what="a schema file", expected="a mapping", found=kind_of(file.root))
        return []
    reader = _Reader(file, files)
    found = []
    for pointer, node, key in _marks(file.root):
        marked = reader.marked(pointer, node, key)
        if marked is not None:
            found.append(marked)
    return found


def _marks(root: CstMapping) -> Iterator[tuple[str, CstMapping, CstScalar]]:
    """(pointer, schema, mark) of every marked mapping; one that is marked `false` is none."""
    for pointer, node, is_named in _mappings(root):
        if is_named:
            continue
        for key, value in node.entries:
            if key.text in MARKS:
                if not (isinstance(value, CstScalar) and value.value in (False, None)):
                    yield pointer, node, key
                break


def _mappings(root: CstMapping) -> Iterator[tuple[str, CstMapping, bool]]:
    """(pointer, mapping, whether its keys are names of properties), in the order of the file.

    What YAML aliases repeat is met once.
    """
    pending: list[tuple[str, CstNode, bool]] = [("#", root, False)]
    seen: set[int] = set()
    while pending:
        pointer, node, is_named = pending.pop()
        if id(node) in seen:
            continue
        if isinstance(node, CstMapping):
            seen.add(id(node))
            yield pointer, node, is_named
            below: list[tuple[str, CstNode, bool]] = []
            for key, value in node.entries:
                if is_named or key.text not in _DATA:
                    inner = not is_named and key.text in ("properties", "patternProperties")
                    below.append((f"{pointer}/{escaped(key.text)}", value, inner))
            pending += reversed(below)
        elif isinstance(node, CstSequence):
            seen.add(id(node))
            pending += reversed([(f"{pointer}/{at}", item, False) for at, item in enumerate(node.items)])


class _Reader:
    """Reads what the marks of one file say."""

    def __init__(self, file: SchemaFile, files: SchemaFiles) -> None:
        self.file = file
        self.files = files
        self.has_errors = False
        self.callbacks = self._callbacks()

    def marked(self, pointer: str, node: CstMapping, key: CstScalar) -> Marked | None:
        """A marked schema; None when it is unusable, which is reported."""
        self.has_errors = False
        mark = node.get(key.text)
        if not (isinstance(mark, CstScalar) and mark.value is True):
            self.wrong(mark, key.text, "'true'")
        for other, _ in node.entries:
            if other.text.startswith("x-template-") and other.text not in _KEYS:
                near = nearest(other.text, _KEYS)
                self.report(
                    422, other.span, text=f"templates know no '{other.text}'", hint=near and f"did you mean '{near}'?"
                )
        callback = self.callbacks.get(node.start)
        kind = self._type(pointer, node, key, callback)
        namespace = self._read(node, _NAMESPACE, "a single name", self._name)
        if namespace is None and callback is not None:
            namespace = callback.namespace
        spans = {name.text: name.span for name, _ in node.entries if name.text in (*_KEYS, *MARKS)}
        spans |= {f"{_SHORTCUTS}/{name.text}": value.span for name, value in entries(node.get(_SHORTCUTS))}
        found = Marked(
            schema=Place(node, self.file),
            pointer=pointer,
            span=key.span,
            spans=spans,
            type=kind or "",
            namespace=namespace or namespace_of(kind or ""),
            aliases=self._read(node, "x-template-aliases", "a list of single names", self._names),
            ttl_minutes=self._read(node, "x-snapshot-ttl-minutes", "minutes above 0", _minutes),
            schema_version=self._read(node, "x-template-schema-version", "a whole number from 1", _version) or 1,
            shortcuts=self._read(node, _SHORTCUTS, "a mapping of single names to paths", self._shortcuts) or {},
            migrations=self._read(node, "x-template-migrations", _TABLES, _migrations) or {},
        )
        return None if self.has_errors or kind is None else found

    # ---------------------------------------------------------------------- names

    def _type(self, pointer: str, node: CstMapping, key: CstScalar, callback: _Callback | None) -> str | None:
        """The template type: what the schema says, else its collector, else from its name."""
        given = node.get("x-source-type")
        if given is not None:
            read: str | None = self._read(node, "x-source-type", _TYPE, _template_type)
            return read
        if callback is not None and callback.source_type is not None:
            return callback.source_type
        name = self._schema_name(pointer, node)
        short = name
        for tail in _TAILS:
            if name.endswith(tail) and name != tail:
                short = name.removesuffix(tail)
                break
        kind = template_type_like(short)
        if kind is None:
            what = f"the schema '{name}'" if name else "a schema without a name"
            self.report(
                422, key.span, text=f"no template type can be made of {what}", hint="give it an 'x-source-type'"
            )
        return kind

    def _schema_name(self, pointer: str, node: CstMapping) -> str:
        steps = pointer.split("/")
        if len(steps) > 1 and steps[-2] in ("schemas", "$defs", "definitions"):
            return steps[-1].replace("~1", "/").replace("~0", "~")
        return text_of(node.get("title")) or ""

    def _name(self, node: CstNode) -> str | None:
        text = text_of(node)
        if text is None or not is_step_name(text):
            return None
        if text in PSEUDO_KEYS:
            self.report(422, node.span, text=f"every snapshot has a key '{text}' of its own", hint="take another name")
        return text

    def _names(self, node: CstNode) -> tuple[str, ...] | None:
        if not isinstance(node, CstSequence):
            return None
        names: dict[str, None] = {}
        for item in node.items:
            name = self._name(item)
            if name is None:
                text = text_of(item)
                what = f"an alias is a text, not {kind_of(item)}" if text is None else f"'{text}' is not a single name"
                self.report(422, item.span, text=what, hint=_SINGLE)
            else:
                names[name] = None
        return tuple(names)

    def _shortcuts(self, node: CstNode) -> dict[str, str] | None:
        if not isinstance(node, CstMapping):
            return None
        found: dict[str, str] = {}
        for key, value in node.entries:
            target = text_of(value)
            if not is_step_name(key.text):
                self.report(422, key.span, text=f"the shortcut '{key.text}' is not a single name", hint=_SINGLE)
            elif not target:
                self.report(
                    422, value.span, text=f"the shortcut '{key.text}' has to be a path, and is {kind_of(value)}"
                )
            else:
                found[key.text] = target
        return found

    # ------------------------------------------------------------------- reporting

    def _read(self, node: CstMapping, key: str, expected: str, read: Callable[[CstNode], Any]) -> Any:
        """A companion key by a reader that gives None for what it cannot use."""
        value = node.get(key)
        if value is None:
            return None
        found = read(value)
        if found is None:
            self.wrong(value, key, expected)
        return found

    def wrong(self, node: CstNode | None, key: str, expected: str) -> None:
        if node is not None:
            self.report(422, node.span, key=key, expected=expected, found=kind_of(node))

    def report(self, code: int, span: Span, **fields: Any) -> None:
        self.has_errors = True
        self.files.report(code, span, self.file, **fields)

    # ------------------------------------------------------------------- callbacks

    def _callbacks(self) -> dict[int, _Callback]:
        """Collectors by the start of the schema that their endpoint answers with."""
        root = self.file.root
        found: dict[int, _Callback] = {}
        assert isinstance(root, CstMapping)
        for pointer, node, is_named in _mappings(root):
            value = None if is_named else node.get(CALLBACK)
            if value is None:
                continue
            for item in items(value) if isinstance(value, CstSequence) else [value]:
                if not isinstance(item, CstMapping):
                    self.files.report(
                        422, item.span, self.file, key=CALLBACK, expected="a mapping", found=kind_of(item)
                    )
                    continue
                callback = self._callback(item)
                if any(mark in (key.text for key, _ in node.entries) for mark in MARKS):
                    # It stands beside the mark.
                    found.setdefault(node.start, callback)
                    continue
                schema = self._answer(root, pointer, node, item)
                if schema is not None:
                    found.setdefault(schema.start, callback)
        return found

    def _callback(self, node: CstMapping) -> _Callback:
        kind = self._callback_key(node, "sourceType", _TYPE, _template_type)
        return _Callback(kind, self._callback_key(node, "templateNamespace", "a single name", self._name))

    def _callback_key(
        self, node: CstMapping, key: str, expected: str, read: Callable[[CstNode], str | None]
    ) -> str | None:
        value = node.get(key)
        found = None if value is None else read(value)
        if value is not None and found is None:
            self.files.report(422, value.span, self.file, key=key, expected=expected, found=kind_of(value))
        return found

    def _answer(self, root: CstMapping, pointer: str, around: CstMapping, callback: CstMapping) -> CstNode | None:
        """The schema of the answer 200 of the endpoint that a callback names, else of the one it stands in."""
        endpoint = next((key for key in ("endpoint", "compressEndpoint") if callback.get(key) is not None), None)
        if endpoint is not None:
            node = callback.get(endpoint)
            assert node is not None
            paths = root.get("paths")
            path = text_of(node)
            found = paths.get(path) if isinstance(paths, CstMapping) and path is not None else None
            if found is None:
                names = [key.text for key, _ in entries(paths)]
                near = None if path is None else nearest(path, names[:1000])
                hint = None if near is None else f"did you mean '{near}'?"
                reason = "the file has no such path under 'paths'"
                self.files.report(423, node.span, self.file, severity="warning", ref=path, reason=reason, hint=hint)
                return None
            return self._answer_of(found)
        return self._answer_of(around) if pointer.startswith("#/paths/") else None

    def _answer_of(self, node: CstNode) -> CstNode | None:
        """The schema of the first answer 200 of an operation, or of the operations of a path."""
        operations = [node, *(value for key, value in entries(node) if key.text in _METHODS)]
        for operation in operations:
            responses = operation.get("responses") if isinstance(operation, CstMapping) else None
            answer = responses.get("200") if isinstance(responses, CstMapping) else None
            content = answer.get("content") if isinstance(answer, CstMapping) else None
            for _, media in entries(content):
                schema = media.get("schema") if isinstance(media, CstMapping) else None
                if not isinstance(schema, CstMapping):
                    continue
                reference = schema.get("$ref")
                if isinstance(reference, CstScalar):
                    place = self.files.follow(reference, self.file)
                    return place.node if place is not None and place.file is self.file else None
                return schema
        return None


_SHORTCUTS = "x-template-shortcuts"
_SINGLE = "it is one step of a path: no dots, brackets, quotes or blanks"
_TYPE = "a template type such as 'tower-crew'"
_TABLES = "a mapping of versions to mappings of old to new paths"


def _template_type(node: CstNode) -> str | None:
    text = text_of(node)
    return text if text is not None and is_template_type(text) else None


def _minutes(node: CstNode) -> float | None:
    value = plain(node) if isinstance(node, CstScalar) else None
    return value if is_minutes(value) else None


def _version(node: CstNode) -> int | None:
    value = plain(node) if isinstance(node, CstScalar) else None
    return value if type(value) is int and 1 <= value < 1_000_000 else None


def _migrations(node: CstNode) -> dict[int, dict[str, str | None]] | None:
    found: dict[int, dict[str, str | None]] = {}
    for key, table in entries(node):
        if not key.text.isdecimal() or len(key.text) > 6 or int(key.text) < 1 or not isinstance(table, CstMapping):
            return None
        moves: dict[str, str | None] = {}
        for old, new in table.entries:
            if not isinstance(new, CstScalar) or not (new.value is None or isinstance(new.value, str)):
                return None
            moves[old.text] = new.value
        found[int(key.text)] = moves
    return found if isinstance(node, CstMapping) else None
