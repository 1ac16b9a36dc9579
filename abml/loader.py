"""Loader: from an entry document to the set of all documents it imports."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from abml.diagnostics import Note, Reporter
from abml.environment import Limits
from abml.resolver import (
    EXTENSIONS,
    FileResolver,
    Resolver,
    default_alias,
    entry_path,
    normalise,
    project_root,
)
from abml.source import Source, Span
from abml.suggest import nearest

# Records are made the way of syntax nodes: dataclasses cost too much at every start.
from abml.syntax.nodes import Node as Record
from abml.syntax.nodes import field

if TYPE_CHECKING:
    from abml.schemas import SchemaType
    from abml.syntax.ast import Document, Import

#: Turns one text into a document; reports what is wrong and gives None when nothing can be made of it.
ParseDocument = Callable[..., "Document | None"]

# A chain of imports longer than this is a mistake, and the loader works recursively.
_MAX_CHAIN = 100


class LoadedDocument(Record):
    """One document of a program.

    Attributes:
        index: position in load order; 0 is the root.
        key: normalised path below the project root; the identity of the document.
        path: as shown to the user, also the path of its spans.
        aliases: import alias -> index, in import order.
        broken: aliases whose document could not be loaded; references through
            them are not reported again.
        imports: the import entry behind each alias.
        prefix: qualified prefix with its final dot; empty for the root.
        types: types imported from schemas, by name.
    """

    index: int
    key: str
    path: str | None
    source: Source
    document: Document
    aliases: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    imports: dict[str, Import] = field(default_factory=dict)
    prefix: str = ""
    types: dict[str, SchemaType] = field(default_factory=dict)


class DocumentSet(Record):
    """The root document and everything it imports, in load order.

    Attributes:
        fragment: the root is a piece of a document (language 0.5), so checks that
            need its surroundings are off.
    """

    documents: list[LoadedDocument]
    fragment: bool = False

    @property
    def root(self) -> Document:
        return self.documents[0].document


def load(
    source: Source,
    reporter: Reporter,
    *,
    path: str | None = None,
    resolver: Resolver | None = None,
    parse: ParseDocument | None = None,
    limits: Limits | None = None,
    fragment: bool = False,
    manifest: Any = None,
    style: bool = False,
) -> DocumentSet | None:
    """Parse a document and load its imports (language 9).

    Args:
        source: the entry document.
        path: where it lies; the resolver's paths and the project root follow from it.
            Defaults to the source's own path.
        resolver: gives the files; without one the file system below the project
            root when there is a path, else nothing can be imported.
        parse: replaces the parser, for tests.
        style: report older spellings (ABML114), in the entry document only.

    Returns:
        The documents, or None when the entry document itself could not be parsed.
        Documents that could not be loaded are left out; why is reported.
    """
    if path is None:
        path = source.path
    if resolver is None and path is not None:
        resolver = FileResolver(project_root(path))
    if parse is None:
        from abml.syntax.parser import parse_document

        parse = parse_document
    # Named only when it is asked for: tests replace the parser by simpler ones.
    more = {"style": True} if style else {}
    document = parse(source, reporter, limits=limits, fragment=fragment, manifest=manifest, **more)
    if document is None:
        return None
    loader = _Loader(reporter, resolver, parse, limits or Limits(), manifest, entry_path(path, resolver), path)
    loader.add(loader.entry, path, source, document)
    loader.set_prefixes()
    return DocumentSet(loader.documents, fragment)


class _Loader:
    """State of one load: what is loaded, and the chain of what is being loaded."""

    def __init__(
        self,
        reporter: Reporter,
        resolver: Resolver | None,
        parse: ParseDocument,
        limits: Limits,
        manifest: Any,
        entry: str,
        entry_shown: str | None,
    ) -> None:
        self.reporter = reporter
        self.resolver = resolver
        self.parse = parse
        self.limits = limits
        self.manifest = manifest
        self.entry = entry
        self.entry_shown = entry_shown
        self.documents: list[LoadedDocument] = []
        self.by_key: dict[str, int | None] = {}
        self.chain: list[str] = []

    # ------------------------------------------------------------ documents

    def add(self, key: str, shown: str | None, source: Source, document: Document) -> int:
        """Register a parsed document and load what it imports."""
        loaded = LoadedDocument(len(self.documents), key, shown, source, document)
        self.documents.append(loaded)
        self.by_key[key] = loaded.index
        self.chain.append(key)
        taken: dict[str, Span] = {}
        for entry in document.imports:
            self.import_entry(loaded, entry, taken)
        self.chain.pop()
        return loaded.index

    def import_entry(self, owner: LoadedDocument, entry: Import, taken: dict[str, Span]) -> None:
        """Load what one entry of an `imports` section names."""
        self.reporter.source = owner.source
        if entry.schema is not None:
            self.import_schema(owner, entry)
        if entry.file is None:
            if entry.schema is None:
                self.reporter.report(223, entry.span)
            return
        if not entry.file.strip():
            self.reporter.report(227, entry.file_span or entry.span, alias=entry.alias or "")
            return
        alias = self.alias_for(entry, taken)
        if alias is None:
            return
        taken[alias] = entry.span
        owner.imports[alias] = entry
        target = self.resolve(owner, entry)
        self.reporter.source = owner.source
        if target is None:
            owner.broken.add(alias)
        else:
            owner.aliases[alias] = target

    def alias_for(self, entry: Import, taken: dict[str, Span]) -> str | None:
        """The alias of an entry; None (and a report) when it has no usable one."""
        alias = entry.alias if entry.alias else default_alias(entry.file or "")
        suggestion = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in alias).lstrip(
            "0123456789-"
        )
        where = entry.file_span or entry.span
        if not is_alias(alias):
            self.reporter.report(
                222, where, problem=f"missing: '{alias}' is not a valid name", suggestion=suggestion or "lib"
            )
            return None
        if alias in taken:
            self.reporter.report(
                222,
                where,
                problem=f"'{alias}', which is used twice",
                suggestion=f"{alias}_2",
                notes=(Note("first used here", taken[alias]),),
            )
            return None
        return alias

    def resolve(self, owner: LoadedDocument, entry: Import) -> int | None:
        """The index of the document an entry names, loading it when it is new."""
        span = entry.file_span or entry.span
        found = self.find(owner, entry.file or "", span, 220)
        if found is None:
            return None
        key, text = found
        if key in self.chain:
            names = [*self.chain[self.chain.index(key) :], key]
            self.reporter.report(221, span, path=" -> ".join(self.shown(name) or name for name in names))
            return None
        if key in self.by_key:
            target = self.by_key[key]
            if target is None:
                self.reporter.report(225, span, file=entry.file, count="errors")
            return target
        if len(self.chain) >= _MAX_CHAIN:
            self.reporter.report(804, span, limit=f"a chain of more than {_MAX_CHAIN} imports")
            return None
        assert text is not None
        return self.load(owner, entry, key, text, span)

    def load(self, owner: LoadedDocument, entry: Import, key: str, text: str, span: Span) -> int | None:
        """Parse a document that is new; report its errors there and 225 at the import."""
        shown = self.shown(key)
        source = Source(text, shown)
        self.reporter.source = source
        before = len(self.reporter.diagnostics)
        self.by_key[key] = None
        document = self.parse(source, self.reporter, limits=self.limits, manifest=self.manifest)
        index = None if document is None else self.add(key, shown, source, document)
        errors = sum(d.is_error for d in self.reporter.diagnostics[before:])
        if errors:
            self.reporter.source = owner.source
            count = "an error" if errors == 1 else f"{errors} errors"
            self.reporter.report(225, span, file=entry.file, count=count)
        return index

    # ---------------------------------------------------------------- files

    def find(self, owner: LoadedDocument, file: str, span: Span, code: int) -> tuple[str, str | None] | None:
        """(normalised path, text) of an imported file; the text is None for a document already known.

        Reports 506 for a path outside the project, `code` (220 or 230) for a file
        that is missing or cannot be read.
        """
        path = normalise(posixpath.dirname(owner.key), file.strip())
        if path is None:
            root = self.resolver.root if isinstance(self.resolver, FileResolver) else "the project root"
            self.reporter.report(506, span, path=file, root=f"'{root}'" if root.startswith(("/", "\\")) else root)
            return None
        tried = [path] if code == 230 else [path, *(path + extension for extension in EXTENSIONS)]
        for candidate in tried:
            if code == 220 and candidate in self.by_key:
                return candidate, None
            try:
                text = self.resolver.read(candidate) if self.resolver is not None else None
            except (OSError, ValueError) as fault:
                self.unreadable(code, span, file, tried, str(fault) or type(fault).__name__)
                return None
            if text is not None:
                self.check_case(candidate, file, span)
                return candidate, text
        self.unreadable(code, span, file, tried, None)
        return None

    def unreadable(self, code: int, span: Span, file: str, tried: list[str], reason: str | None) -> None:
        shown = f"'{tried[0]}'"
        if len(tried) > 1:
            shown += ", also with " + ", ".join(EXTENSIONS)
        if code == 230:
            self.reporter.report(230, span, schema=file, reason=reason or "there is no such file", tried=shown)
        elif reason is not None:
            self.reporter.report(220, span, text=f"the import '{file}' cannot be read: {reason}")
        elif self.resolver is None:
            hint = "give the document a path, or a resolver"
            self.reporter.report(220, span, file=file, tried=f"{shown}; the importing text has no path", hint=hint)
        else:
            known = nearest(posixpath.basename(file), [posixpath.basename(key) for key in self.by_key if key])
            self.reporter.report(220, span, file=file, tried=shown, nearest=known)

    def check_case(self, path: str, file: str, span: Span) -> None:
        if isinstance(self.resolver, FileResolver):
            real = self.resolver.spelling(path)
            if real != path:
                text = f"the import '{file}' differs in letter case from the file '{real}'"
                self.reporter.report(
                    220, span, severity="warning", text=text, hint="paths are case-sensitive elsewhere"
                )

    def shown(self, key: str) -> str | None:
        """A normalised path as the user would write it beside the entry document."""
        if self.entry_shown is None:
            return key or None
        if key == self.entry:
            return self.entry_shown
        relative = posixpath.relpath(key, posixpath.dirname(self.entry) or ".")
        folder = posixpath.dirname(self.entry_shown.replace("\\", "/"))
        return posixpath.normpath(posixpath.join(folder, relative))

    # -------------------------------------------------------------- schemas

    def import_schema(self, owner: LoadedDocument, entry: Import) -> None:
        """Read the types an entry asks for."""
        from abml.schemas import SchemaFault, read_schema, schema_type

        schema = entry.schema or ""
        found = self.find(owner, schema, entry.span, 230)
        if found is None:
            return
        key, text = found
        try:
            types = read_schema(text or "", key)
        except SchemaFault as fault:
            self.reporter.report(230, entry.span, schema=schema, reason=str(fault), tried=f"'{key}'")
            return
        for name in entry.types:
            if name in types:
                owner.types[name] = schema_type(name, types[name], types)
            else:
                self.reporter.report(226, entry.span, schema=schema, name=name, nearest=nearest(name, types))

    # ----------------------------------------------------------- qualified names

    def set_prefixes(self) -> None:
        """Give every document the shortest alias path from the root, ties by import order."""
        queue = [self.documents[0]]
        seen = {0}
        for owner in queue:
            for alias, index in owner.aliases.items():
                if index not in seen:
                    seen.add(index)
                    target = self.documents[index]
                    target.prefix = f"{owner.prefix}{alias}."
                    queue.append(target)


def is_alias(name: str) -> bool:
    """Whether a text matches the pattern of import aliases (language 0.2)."""
    return (
        bool(name)
        and name.isascii()
        and (name[0].isalpha() or name[0] == "_")
        and all(c.isalnum() or c in "_-" for c in name)
    )
