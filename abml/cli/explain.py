"""`abmlc explain`: what a diagnostic or a kind of runtime error means."""

from __future__ import annotations

import os
import shutil
from typing import Any

import click

from abml.cli import inputs, options, output


@click.command("explain", context_settings=options.SETTINGS)
@click.argument("code", required=False, metavar="[CODE]")
def command(code: str | None) -> int:
    """What a diagnostic means, with an example and its fix.

    CODE is ABML201, 201, or the kind of a runtime error such as null_access.
    Without one, all codes are listed.
    """
    pages = _pages()
    if code is None:
        _list(pages)
        return 0
    kind = _kind(code)
    if kind is not None:
        _explain_kind(kind)
        return 0
    number = code.upper().removeprefix("ABML")
    if number not in pages:
        raise inputs.Unreadable(_unknown(code, pages))
    _explain_page(pages[number])
    return 0


def _pages() -> dict[str, str]:
    """Number of a diagnostic -> the file of its page."""
    from abml import diagnostics

    folder = os.path.dirname(diagnostics.__file__)
    names = sorted(name for name in os.listdir(folder) if name.startswith("ABML") and name.endswith(".md"))
    return {name[4:7]: os.path.join(folder, name) for name in names}


def _kind(code: str) -> str | None:
    """The kind of a runtime error by its name or its code."""
    from abml.errors import KINDS

    for kind in KINDS.values():
        if code.lower() in (kind.name, str(kind.code), kind.label.lower()):
            return kind.name
    return None


def _unknown(code: str, pages: dict[str, str]) -> str:
    from abml.errors import KINDS
    from abml.suggest import nearest

    known = nearest(code.lower() if "_" in code else code.upper(), [*KINDS, *(f"ABML{number}" for number in pages)])
    return f"no diagnostic is called {code}" + (f"; did you mean {known}?" if known else "; see abmlc explain")


def _list(pages: dict[str, str]) -> None:
    from abml.errors import KINDS

    for number, path in pages.items():
        _, text = _read(path)
        title = text.partition("\n")[0].removeprefix("# ")
        output.write(f"ABML{number}  {title}")
    for kind in KINDS.values():
        output.write(f"{kind.label}  {kind.name}")


def _read(path: str) -> tuple[str, str]:
    """(front matter, text) of a page."""
    with open(path, encoding="utf-8") as file:
        _, front, text = file.read().split("---\n", 2)
    return front, text.lstrip("\n")


def _explain_page(path: str) -> None:
    import yaml

    front, text = _read(path)
    page: dict[str, Any] = yaml.safe_load(front)
    title, _, body = text.partition("\n")
    _heading(f"{page['code']}: {title.removeprefix('# ')}", f"{page['severity']}, since {page['since']}")
    _prose(body)
    failing = page.get("fails") or []
    if failing:
        _example(f"For example, in line {failing[0]['line']} of", failing[0]["text"])
    if page.get("mended"):
        _example("Mended", page["mended"])


def _explain_kind(name: str) -> None:
    from abml.cli.failures import MEANINGS
    from abml.errors import KINDS

    meaning, example, advice = MEANINGS[name]
    caught = "on_error can handle it" if KINDS[name].catchable else "ends the run, no on_error is asked"
    _heading(f"{KINDS[name].label}: {name}", f"runtime error, {caught}")
    _prose(meaning)
    if example:
        _example("For example", example)
    if advice:
        output.write("")
        _prose(advice)


def _heading(title: str, note: str) -> None:
    output.write(output.style(title, bold=True))
    output.write(output.style(note, dim=True))
    output.write("")


def _prose(text: str) -> None:
    """Paragraphs, filled to the width of the terminal; lists and code keep their lines."""
    import textwrap

    width = min(shutil.get_terminal_size((80, 24)).columns, 100)
    paragraphs = [part for part in text.strip("\n").split("\n\n") if part]
    for i, part in enumerate(paragraphs):
        if i:
            output.write("")
        is_plain = not part.startswith((" ", "-", "*", "|", "```", "1."))
        output.write(textwrap.fill(part, width, break_on_hyphens=False) if is_plain else part)


def _example(title: str, text: str) -> None:
    output.write("")
    output.write(output.style(f"{title}:", bold=True))
    for line in text.rstrip("\n").splitlines():
        output.write(f"    {line}".rstrip())
