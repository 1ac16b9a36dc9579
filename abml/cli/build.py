"""`abmlc build`: documents to compiled programs."""

from __future__ import annotations

import os
import sys

import click

from abml.cli import inputs, options, output
from abml.cli.findings import Findings

ENDING = ".abmc"


@click.command("build", context_settings=options.SETTINGS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("-o", "--output", "out", metavar="OUT", help="Output file; a folder when there are several inputs.")
@options.templates
@options.form
def command(paths: tuple[str, ...], out: str | None, templates: str | None, form: str) -> int:
    """Compile documents to .abmc.

    Without -o the program stands beside its document. A document with errors
    writes nothing; an older program of it stays as it was.
    """
    from abml.engine import translate

    jobs = _jobs(paths, out)
    findings = Findings()
    written = 0
    failed = False
    for path, target in jobs:
        try:
            source = inputs.read(path)
            program, diagnostics = translate(source.data, path=source.name, templates=templates)
            findings.add(diagnostics, () if program is None else program.documents[1:])
            if program is not None:
                _write(target, program.to_bytes())
                written += 1
        except inputs.Unreadable as error:
            error.show()
            failed = True
    found = findings.all()
    if out == inputs.STDIN:
        # Standard output holds the program.
        output.show(found, stream=sys.stderr)
    else:
        output.show(found, form)
    if form == "text":
        output.summary(found, findings.files)
    if failed:
        return 2
    return 0 if written == len(jobs) else 1


def _write(target: str, data: bytes) -> None:
    if target == inputs.STDIN:
        sys.stdout.buffer.write(data)
    else:
        output.write_file(target, data)


def _jobs(given: tuple[str, ...], out: str | None) -> list[tuple[str, str]]:
    """(document, program) pairs; no two documents have the same program."""
    files = inputs.paths(given)
    if inputs.STDIN in files and (out is None or len(files) > 1):
        raise click.UsageError("standard input is built alone, and needs -o")
    several = len(files) > 1 or any(os.path.isdir(path) for path in given)
    jobs: list[tuple[str, str]] = []
    for path in files:
        if out is None:
            target = _stem(path) + ENDING
        elif several or (os.path.isdir(out) and path != inputs.STDIN):
            roots = [root for root in given if os.path.isdir(root) and _is_below(path, root)]
            name = os.path.relpath(path, roots[0]) if roots else os.path.basename(path)
            target = os.path.join(out, _stem(name) + ENDING)
        else:
            target = out
        jobs.append((path, target))
    seen: dict[str, str] = {}
    for path, target in jobs:
        if target in seen:
            raise click.UsageError(f"{seen[target]} and {path} would both become {target}")
        seen[target] = path
    if out is not None and several:
        for _, target in jobs:
            os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    return jobs


def _stem(path: str) -> str:
    for ending in (*inputs.DOCUMENT_ENDINGS[::-1], *inputs.MAYBE_DOCUMENT_ENDINGS):
        if path.endswith(ending) and os.path.basename(path) != ending:
            return path[: -len(ending)]
    return path


def _is_below(path: str, root: str) -> bool:
    return os.path.abspath(path).startswith(os.path.join(os.path.abspath(root), ""))
