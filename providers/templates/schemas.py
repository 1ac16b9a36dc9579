"""Schema files as trees with places, and references from one place to another, in the file or across files."""

from __future__ import annotations

import posixpath
import urllib.parse
from collections.abc import Iterable
from typing import Any, NamedTuple

from abml.diagnostics import Note, Reporter
from abml.registries import read_data
from abml.resolver import MappingResolver, Resolver, entry_path, is_absolute, normalise
from abml.source import Source, Span
from abml.suggest import nearest
from abml.syntax.cst_nodes import CstMapping, CstNode, CstScalar, CstSequence

# A hostile schema could name as many files as it likes.
MAX_FILES = 500


class SchemaFile(NamedTuple):
    """A file of schemas.

    Attributes:
        key: normalised path below the project root; with the resolver its identity.
        resolver: finds the files it refers to.
        root: None when it cannot be read, which was reported.
    """

    source: Source
    key: str
    resolver: Resolver
    root: CstNode | None

    @property
    def name(self) -> str:
        """The file name without folders; `schema` for text without one."""
        return posixpath.basename((self.source.path or "schema").replace("\\", "/"))


class Place(NamedTuple):
    """A node and the file it stands in."""

    node: CstNode
    file: SchemaFile


class SchemaFiles:
    """The files of one generation, each read once. References are followed inside the project only.

    Attributes:
        reporter: gets ABML100, 116 and whatever the stages find.
    """

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self._told: set[tuple[str, Span, str]] = set()
        self._files: dict[tuple[int, str], SchemaFile | str] = {}
        self._references: dict[tuple[int, str, str], Place | tuple[str, str | None]] = {}

    def add(self, source: Source, resolver: Resolver | None = None) -> SchemaFile:
        """Read a schema that was named by the user; its references count from its folder."""
        resolver = MappingResolver({}) if resolver is None else resolver
        key = entry_path(source.path, resolver)
        file = self._read(source, key, resolver)
        self._files[id(resolver), key] = file
        return file

    def follow(self, reference: CstScalar, file: SchemaFile) -> Place | None:
        """Where a `$ref` leads; None when nowhere, which is reported (ABML423)."""
        text = reference.text
        identity = (id(file.resolver), file.key, text)
        found = self._references.get(identity)
        if found is None:
            found = self._references[identity] = self._follow(text, file)
        if isinstance(found, Place):
            return found
        reason, near = found
        hint = None if near is None else f"did you mean '{near}'?"
        self.report(423, reference.span, file, ref=text, reason=reason, hint=hint)
        return None

    def report(
        self,
        code: int,
        span: Span,
        file: SchemaFile,
        /,
        *,
        severity: str | None = None,
        notes: tuple[Note, ...] = (),
        **fields: Any,
    ) -> None:
        """Report in a file; what is met again on another way is told once."""
        self.reporter.source = file.source
        diag = self.reporter.report(code, span, severity=severity, notes=notes, **fields)
        key = (diag.code, diag.span, diag.message)
        if key in self._told:
            self.reporter.diagnostics.pop()
        self._told.add(key)

    # ------------------------------------------------------------------- reading

    def _read(self, source: Source, key: str, resolver: Resolver) -> SchemaFile:
        self.reporter.source = source
        return SchemaFile(source, key, resolver, read_data(source, self.reporter))

    def _other(self, path: str, file: SchemaFile) -> SchemaFile | str:
        """Another file by the path in a reference, or why there is none."""
        if is_absolute(path) or urllib.parse.urlsplit(path).scheme:
            return "only files of the project are read, by paths from the folder of the schema"
        key = normalise(posixpath.dirname(file.key), path)
        if key is None:
            return "the path leaves the project"
        identity = (id(file.resolver), key)
        found = self._files.get(identity)
        if found is None:
            found = self._files[identity] = self._load(key, file)
        return found

    def _load(self, key: str, file: SchemaFile) -> SchemaFile | str:
        if len(self._files) > MAX_FILES:
            return f"the schemas refer to more than {MAX_FILES} files"
        try:
            text = file.resolver.read(key)
        except UnicodeDecodeError:
            return f"'{key}' is not UTF-8 text"
        except (OSError, ValueError) as error:
            return f"'{key}' cannot be read: {getattr(error, 'strerror', None) or error}"
        if text is None:
            return f"there is no file '{key}'"
        # Shown as the user would write it, beside the file that refers to it.
        path = file.source.path or ""
        relative = posixpath.relpath(key, posixpath.dirname(file.key) or ".")
        shown = posixpath.normpath(posixpath.join(posixpath.dirname(path.replace("\\", "/")), relative))
        return self._read(Source(text, shown), key, file.resolver)

    # ---------------------------------------------------------------- references

    def _follow(self, text: str, file: SchemaFile) -> Place | tuple[str, str | None]:
        path, _, pointer = text.partition("#")
        path = urllib.parse.unquote(path)
        if path:
            other = self._other(path, file)
            if isinstance(other, str):
                return other, None
            file = other
        if file.root is None:
            return f"'{file.source.path}' cannot be read", None
        node = file.root
        if pointer and not pointer.startswith("/"):
            return "after '#' a path such as '/components/schemas/Name' is expected", None
        done = ""
        for step in pointer.split("/")[1:]:
            name = urllib.parse.unquote(step).replace("~1", "/").replace("~0", "~")
            below = _child(node, name)
            if below is None:
                keys = [key.text for key, _ in node.entries] if isinstance(node, CstMapping) else []
                near = nearest(name, keys[:1000])
                begin = f"{text.partition('#')[0]}#{done}/"
                rest = pointer[len(done) + 1 + len(step) :]
                return f"there is no '{name}' in '#{done}'", None if near is None else f"{begin}{escaped(near)}{rest}"
            node = below
            done += f"/{step}"
        return Place(node, file)


def _child(node: CstNode, name: str) -> CstNode | None:
    if isinstance(node, CstMapping):
        return node.get(name)
    if isinstance(node, CstSequence) and name.isdecimal() and len(name) < 10 and int(name) < len(node.items):
        return node.items[int(name)]
    return None


def escaped(name: str) -> str:
    """A key as a step of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def text_of(node: CstNode | None) -> str | None:
    """The text of a scalar that is a text."""
    return node.value if isinstance(node, CstScalar) and isinstance(node.value, str) else None


def entries(node: CstNode | None) -> Iterable[tuple[CstScalar, CstNode]]:
    """The entries of a mapping; nothing for anything else."""
    return node.entries if isinstance(node, CstMapping) else ()


def items(node: CstNode | None) -> Iterable[CstNode]:
    """The items of a list; nothing for anything else."""
    return node.items if isinstance(node, CstSequence) else ()


def kind_of(node: CstNode) -> str:
    """What a node is, in words."""
    if isinstance(node, CstMapping):
        return "a mapping"
    if isinstance(node, CstSequence):
        return "a list"
    if node.value is None:
        return "nothing"
    return "a text" if isinstance(node.value, str) else f"'{node.text}'"
