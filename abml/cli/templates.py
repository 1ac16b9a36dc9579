"""`abmlc templates`: resource templates from marked schemas, and what a registry of them holds."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from abml.cli import inputs, options, output

if TYPE_CHECKING:
    from abml.diagnostics import Reporter
    from abml.providers.templates.generation import SchemaInput
    from abml.resource_templates import ResourceTemplateSpec

_FILE_ENDINGS = {".yml": "yaml", ".yaml": "yaml", ".json": "json"}
_form = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="How it is printed.  [default: text]"
)


@click.group("templates", context_settings=options.SETTINGS)
def command() -> None:
    """Resource templates: the paths of the data that documents read from snapshots.

    A registry of them, a file or a folder, is what --templates of check and build takes.
    """


@command.command("gen", context_settings=options.SETTINGS)
@click.argument("schemas", nargs=-1, required=True, metavar="SCHEMA...")
@click.option(
    "-o", "--output", "out", metavar="DIR", help="Folder for a file a template, or one .yml or .json for all."
)
@click.option("--check", is_flag=True, help="Change nothing; name the files that would change, and exit with 1.")
@click.option("--format", "form", type=click.Choice(("yaml", "json")), help="Of the files.  [default: yaml]")
def gen(schemas: tuple[str, ...], out: str | None, check: bool, form: str | None) -> int:
    """Make resource templates from the marked schemas of OpenAPI documents and JSON Schemas.

    SCHEMA is a file, a folder to search, or - for standard input. A schema is marked by
    'x-resource-template: true'. Without -o the registry goes to standard output. With
    errors in a schema nothing is written.
    """
    from abml.diagnostics import Reporter
    from abml.providers.templates.generation import generate
    from abml.providers.templates.writing import render

    if check and out is None:
        raise click.UsageError("--check compares with the files of -o, and there is no -o")
    reporter = Reporter()
    found, searched = _inputs(schemas, reporter)
    specs = generate(found, reporter, searched=searched)
    if not found and searched and not reporter.diagnostics:
        raise inputs.Unreadable(
            f"{schemas[0]}: no file in this directory has a schema with 'x-resource-template: true'"
        )
    output.show(reporter.sorted(), stream=sys.stderr if out is None else None)
    if reporter.has_errors:
        output.summary(reporter.diagnostics, len(found))
        return 1
    if out is None:
        # Bytes: the encoding of the terminal must not change a registry.
        sys.stdout.flush()
        sys.stdout.buffer.write(render(specs, form or "yaml").encode())
        return 0
    targets = _targets(specs, out, form)
    stale = _stale(targets, out, {os.path.basename(given.source.path or "schema") for given in found})
    return _compare(targets, stale) if check else _write(targets, stale)


@command.command("list", context_settings=options.SETTINGS)
@click.argument("path", metavar="PATH")
@_form
def list_templates(path: str, form: str) -> int:
    """The templates of a registry: type, namespace, how many paths, minutes to keep, further names."""
    from abml.registries import read_registry

    specs = sorted(read_registry(path), key=lambda spec: spec.type)
    if form == "json":
        output.write_json([_facts(spec) for spec in specs], indent=2)
        return 0
    rows: list[tuple[str, ...]] = [("TYPE", "NAMESPACE", "PATHS", "TTL", "ALIASES")]
    for spec in specs:
        minutes = "-" if spec.ttl_minutes is None else f"{spec.ttl_minutes:g} min"
        rows.append((spec.type, spec.namespace, str(len(spec.paths)), minutes, ", ".join(spec.aliases)))
    _table(rows)
    return 0


@command.command("show", context_settings=options.SETTINGS)
@click.argument("path", metavar="PATH")
@click.argument("name", metavar="TYPE")
@_form
def show(path: str, name: str, form: str) -> int:
    """One template of a registry with its paths and their types.

    TYPE may also be the namespace or an alias.
    """
    from abml.registries import read_registry
    from abml.resource_paths import table
    from abml.suggest import nearest

    registry = read_registry(path)
    spec = registry.resolve(name)
    if spec is None:
        near = nearest(name, [known for other in registry for known in other.names])
        hint = "" if near is None else f"; did you mean '{near}'?"
        raise inputs.Unreadable(f"{path}: no template, namespace or alias '{name}'{hint}")
    paths = table(registry.tree(spec))
    if form == "json":
        output.write_json({**_facts(spec), "paths": paths}, indent=2)
        return 0
    output.write(output.style(spec.type, bold=True))
    facts = [
        ("namespace", spec.namespace),
        ("aliases", ", ".join(spec.aliases)),
        ("fresh for", "" if spec.ttl_minutes is None else f"{spec.ttl_minutes:g} minutes"),
        ("version", "" if spec.schema_version == 1 else str(spec.schema_version)),
        ("from", spec.source or ""),
    ]
    _table([(f"  {what}", text) for what, text in facts if text])
    output.write("paths")
    short = spec.shortcuts
    _table([(f"  {text}", kind, f"= {short[text]}" if text in short else "") for text, kind in paths.items()])
    return 0


def _inputs(given: tuple[str, ...], reporter: Reporter) -> tuple[list[SchemaInput], bool]:
    """The schemas behind the arguments, and whether a folder was searched."""
    from abml.providers.templates.discovery import find_schemas
    from abml.providers.templates.generation import SchemaInput
    from abml.resolver import FileResolver
    from abml.syntax.decoding import decode

    named = [path for path in given if path != inputs.STDIN]
    for path in named:
        if not path or "\0" in path:
            raise inputs.Unreadable(f"{path!r}: no file has such a name")
    found = find_schemas(named, reporter)
    opened = found.inputs
    if inputs.STDIN in given:
        source = decode(inputs.read(inputs.STDIN).data, inputs.STDIN_NAME, reporter)
        if source is not None:
            opened = [*opened, SchemaInput(source, FileResolver(os.getcwd()))]
    return opened, found.searched


def _targets(specs: list[ResourceTemplateSpec], out: str, form: str | None) -> dict[str, bytes]:
    """File name -> what belongs in it."""
    from abml.providers.templates.writing import file_name, render

    own = _FILE_ENDINGS.get(os.path.splitext(out)[1])
    if own is not None and not os.path.isdir(out):
        if form not in (None, own):
            raise click.UsageError(f"{out} is a {own} file, and --format says {form}")
        return {out: render(specs, own).encode()}
    form = form or "yaml"
    return {os.path.join(out, file_name(spec, form)): render([spec], form).encode() for spec in specs}


def _stale(targets: dict[str, bytes], out: str, schemas: set[str]) -> list[str]:
    """Files of the folder that these schemas made once and do not make any more."""
    from abml.files import read_file
    from abml.providers.templates.writing import derived_from

    if out in targets or not os.path.isdir(out):
        return []
    found = []
    for name in sorted(os.listdir(out)):
        path = os.path.join(out, name)
        if path in targets or not name.endswith(tuple(_FILE_ENDINGS)) or not os.path.isfile(path):
            continue
        origins = derived_from(read_file(path).decode("utf-8", "replace"))
        if origins and origins <= schemas:
            found.append(path)
    return found


def _compare(targets: dict[str, bytes], stale: list[str]) -> int:
    differing = [path for path, data in targets.items() if _current(path) != data]
    for path in (*differing, *stale):
        output.write(path)
    count = len(differing) + len(stale)
    click.echo(f"would change {count} of {len(targets) + len(stale)} {_files(len(targets) + len(stale))}", err=True)
    return 1 if count else 0


def _write(targets: dict[str, bytes], stale: list[str]) -> int:
    """Write what differs; each file is the old one or the new one, never a part."""
    changed = 0
    for path, data in targets.items():
        if _current(path) == data:
            continue
        try:
            os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        except OSError as error:
            raise inputs.Unreadable(f"{error.filename}: {error.strerror}") from None
        output.write_file(path, data)
        output.write(path)
        changed += 1
    for path in stale:
        click.echo(f"{path}: no schema makes this template any more; remove the file", err=True)
    click.echo(f"changed {changed} of {len(targets)} {_files(len(targets))}", err=True)
    return 0


def _current(path: str) -> bytes | None:
    """The bytes of a file that may not be there yet."""
    return inputs.read(path).data if os.path.lexists(path) else None


def _files(count: int) -> str:
    return "file" if count == 1 else "files"


def _facts(spec: ResourceTemplateSpec) -> dict[str, Any]:
    return {
        "type": spec.type,
        "resource_type": spec.resource_type,
        "namespace": spec.namespace,
        "aliases": list(spec.aliases),
        "ttl_minutes": spec.ttl_minutes,
        "schema_version": spec.schema_version,
        "source": spec.source,
        "paths": len(spec.paths),
        "shortcuts": dict(spec.shortcuts),
    }


def _table(rows: list[tuple[str, ...]]) -> None:
    """Rows in columns as wide as their widest cell."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))] if rows else []
    for row in rows:
        output.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
