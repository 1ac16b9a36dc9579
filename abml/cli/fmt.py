"""`abmlc fmt`: documents in canonical form."""

from __future__ import annotations

import sys

import click

from abml.cli import inputs, options, output

_MARK = b"\xef\xbb\xbf"


@click.command("fmt", context_settings=options.SETTINGS)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--check", is_flag=True, help="Change nothing; name the documents that would change, and exit with 1.")
@click.option("--diff", is_flag=True, help="Change nothing; print what would change.")
def command(paths: tuple[str, ...], check: bool, diff: bool) -> int:
    """Write documents in canonical form; comments are kept. Prints the paths of those that changed.

    With - the form of standard input goes to standard output.
    """
    status = 0
    changed = 0
    files = inputs.paths(paths)
    for path in files:
        try:
            outcome = _format(path, check, diff)
        except inputs.Unreadable as error:
            error.show()
            status = 2
            continue
        if outcome is None:
            status = max(status, 1)
        elif outcome:
            changed += 1
    if check and changed:
        status = max(status, 1)
    if paths != (inputs.STDIN,):
        verb = "would change" if check or diff else "changed"
        click.echo(f"{verb} {changed} of {len(files)} {'file' if len(files) == 1 else 'files'}", err=True)
    return status


def _format(path: str, check: bool, diff: bool) -> bool | None:
    """Format one document; whether it is another text then, None when it has errors, which are then told."""
    import abml

    source = inputs.read(path)
    try:
        text = abml.format(source.data, path=source.name)
    except abml.AbmlSyntaxError as error:
        # Standard output holds documents, differences or names.
        output.show(error.diagnostics, stream=sys.stderr)
        return None
    # A mark at the beginning says how the bytes are to be read, and nothing of the document.
    data = (_MARK if source.data.startswith(_MARK) else b"") + text.encode()
    is_other = data != source.data
    if diff:
        if is_other:
            _show_difference(source, text)
    elif check:
        if is_other:
            output.write(source.name)
    elif source.path is None:
        # Bytes: the encoding of the terminal must not change a document.
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    elif is_other:
        output.write_file(source.path, data)
        output.write(source.name)
    return is_other


def _show_difference(source: inputs.Input, text: str) -> None:
    import difflib

    before = source.data.decode("utf-8-sig", "replace").splitlines()
    colors = {"+": "green", "-": "red", "@": "cyan"}
    for line in difflib.unified_diff(before, text.splitlines(), source.name, source.name, lineterm=""):
        output.write(output.style(line, colors.get(line[:1])))
