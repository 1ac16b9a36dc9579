"""Templates from OpenAPI 3 documents and JSON Schemas: every marked schema becomes one (runtime 6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from abml.diagnostics import Note, Reporter
from abml.resolver import Resolver
from abml.resource_templates import ResourceTemplateSpec, is_registered, namespace_aliases, with_shortcuts
from abml.source import Source, Span

from .marks import Marked, marked_schemas
from .paths import MAX_PATHS, TooManyPaths, paths_of
from .schemas import SchemaFile, SchemaFiles
from .shapes import OutOfWork, Shapes


class SchemaInput(NamedTuple):
    """A schema to generate from; `resolver` finds what it refers to."""

    source: Source
    resolver: Resolver | None = None


def generate(
    inputs: Iterable[SchemaInput], reporter: Reporter, *, searched: bool = False
) -> list[ResourceTemplateSpec]:
    """The templates of all marked schemas, sorted by type.

    Args:
        inputs: each file once; what they refer to is read when it is needed.
        reporter: gets what is wrong with the schemas (ABML100, 116, 420 to 426). With errors
            the templates are incomplete.
        searched: the files come from a search, so that those without marks are no mistake
            as long as one has them.
    """
    files = SchemaFiles(reporter)
    opened = [files.add(given.source, given.resolver) for given in inputs]
    shapes = Shapes(files)
    marked: list[Marked] = []
    unmarked: list[SchemaFile] = []
    for file in opened:
        before = len(reporter.diagnostics)
        found = marked_schemas(file, files)
        marked += found
        if not found and file.root is not None and len(reporter.diagnostics) == before:
            unmarked.append(file)
    if not searched or not marked:
        for file in unmarked:
            files.report(421, Span(file.source.path, 1, 1, 1, 1), file, file=file.name)
    _check_names(marked, files)
    specs = [spec for spec in (_template(item, shapes) for item in marked) if spec is not None]
    return sorted(specs, key=lambda spec: spec.type)


def _template(marked: Marked, shapes: Shapes) -> ResourceTemplateSpec | None:
    """One template; None when its paths cannot be listed."""
    file = marked.schema.file
    files = shapes.files
    try:
        paths = paths_of(marked.schema, shapes)
    except TooManyPaths:
        files.report(425, marked.span, file, type=marked.type, limit=f"{MAX_PATHS:,}")
        return None
    except OutOfWork:
        text = f"the schemas of '{marked.type}' refer to each other in too many ways"
        files.report(425, marked.span, file, text=text)
        return None
    if not paths:
        text = f"the schema of '{marked.type}' has no properties"
        files.report(420, marked.span, file, text=text, hint="a template describes an object; list its 'properties'")
        return None
    shortcuts = _shortcuts(marked, paths, files)
    aliases = marked.aliases
    return ResourceTemplateSpec(
        type=marked.type,
        namespace=marked.namespace,
        paths=with_shortcuts(paths, shortcuts),
        ttl_minutes=marked.ttl_minutes,
        aliases=namespace_aliases(marked.type) if aliases is None else aliases,
        schema_version=marked.schema_version,
        shortcuts=shortcuts,
        migrations=marked.migrations,
        source=f"{file.name}{marked.pointer}",
        origin=marked.span,
    )


def _shortcuts(marked: Marked, paths: dict[str, str], files: SchemaFiles) -> dict[str, str]:
    """The shortcuts that lead somewhere and hide nothing; others are reported (ABML422)."""
    found: dict[str, str] = {}
    for short, target in sorted(marked.shortcuts.items()):
        span = marked.spans[f"x-template-shortcuts/{short}"]
        if not is_registered(paths, target):
            from abml.resource_paths import listed, suggestions

            near = listed(suggestions(paths, target))
            hint = None if near is None else f"did you mean {near}?"
            text = f"the shortcut '{short}' leads to '{target}', which is no path of '{marked.type}'"
            files.report(422, span, marked.schema.file, text=text, hint=hint)
        elif is_registered(paths, short):
            text = f"the shortcut '{short}' hides a property of that name"
            files.report(422, span, marked.schema.file, text=text, hint="take another name for the shortcut")
        else:
            found[short] = target
    return found


def _check_names(marked: Sequence[Marked], files: SchemaFiles) -> None:
    """ABML424: types, namespaces and aliases that two templates have."""
    taken: dict[str, Marked] = {}
    for item in marked:
        aliases = namespace_aliases(item.type) if item.aliases is None else item.aliases
        for name in dict.fromkeys((item.type, item.namespace, *aliases)):
            other = taken.setdefault(name.casefold(), item)
            if other is not item:
                note = Note("the other one", other.span)
                files.report(
                    424, item.span, item.schema.file, type=item.type, other=other.type, name=name, notes=(note,)
                )
                break
