"""`abmlc explain CODE`: a page of the catalogue as plain text."""

from __future__ import annotations

from textwrap import fill

from .pages import Page, find, names, read_page

_WIDTH = 88
# Longer lines of examples are shown with their middle left out.
_LINE_WIDTH = 100


def explain(code: str | int) -> str:
    """What a diagnostic or run-time error means, with an example and its fix.

    Args:
        code: `ABML201`, `abml201`, `201`, the name of its page (`unknown-flow`),
            or a kind of run-time error (`index_out_of_range`).

    Returns:
        Several lines of text, without colors, ending in a line break.

    Raises:
        KeyError: there is no such code; the argument is a sentence that says so.
    """
    name = find(code)
    if name is None:
        from abml.errors import KINDS
        from abml.suggest import nearest

        known = [*(f"ABML{number}" for number in names()), *KINDS, *(item[8:-3] for item in names().values())]
        word = str(code).strip()
        close = nearest(word.lower() if "_" in word or "-" in word else word.upper(), known)
        raise KeyError(f"no diagnostic '{code}'" + (f"; did you mean '{close}'?" if close else ""))
    return render_page(read_page(name))


def render_page(page: Page) -> str:
    """A page as plain text."""
    parts = [f"ABML{page.code}: {page.title}", _facts(page), _prose(page.prose)]
    if page.example is not None:
        parts.append(f"For example:\n\n    {page.example}")
    if page.kind is not None and page.help is not None:
        parts.append(_prose(f"{page.help[0].upper()}{page.help[1:]}."))
    if page.fails:
        parts.append("For example, this gives it (line marked with '>'):")
        parts.append(_example(page.fails[0].text, page.fails[0].line))
    if page.mended is not None:
        parts.append("Mended:")
        parts.append(_example(page.mended, 0))
    return "\n\n".join(parts) + "\n"


def _facts(page: Page) -> str:
    if page.kind is not None:
        return f"run-time error kind '{page.kind}'; on_error can catch it: {page.catchable}"
    facts = page.severity
    if page.strict:
        facts += " (error in strict mode)"
    if page.style:
        facts += ", only when style findings are asked for"
    return f"{facts}; since {page.since}"


def _prose(text: str) -> str:
    paragraphs = (fill(" ".join(part.split()), _WIDTH) for part in text.split("\n\n"))
    return "\n\n".join(paragraphs)


def _example(text: str, marked: int) -> str:
    lines = []
    for number, line in enumerate(text.rstrip("\n").split("\n"), 1):
        if len(line) > _LINE_WIDTH:
            line = f"{line[: _LINE_WIDTH // 2]} … {line[-_LINE_WIDTH // 4 :]}"
        lines.append(f"  {'>' if number == marked else ' '} {line}".rstrip())
    return "\n".join(lines)
