"""`abmlc explain`: what a diagnostic or a kind of runtime error means."""

from __future__ import annotations

import click

from abml.cli import inputs, options, output


@click.command("explain", context_settings=options.SETTINGS)
@click.argument("code", required=False, metavar="[CODE]")
def command(code: str | None) -> int:
    """What a diagnostic means, with an example and its fix.

    CODE is ABML201, 201, unknown-flow, or the kind of a runtime error such as
    null_access. Without one, all codes are listed.
    """
    if code is None:
        _list()
        return 0
    from abml.diagnostics.explain import explain

    try:
        text = explain(code)
    except KeyError as error:
        raise inputs.Unreadable(f"{error.args[0]}; see abmlc explain") from None
    heading, _, rest = text.partition("\n")
    output.write(output.style(heading, bold=True))
    output.write(rest.rstrip("\n"))
    return 0


def _list() -> None:
    from abml.diagnostics.pages import names, read_page

    for number, name in names().items():
        output.write(f"ABML{number}  {read_page(name).title}")
