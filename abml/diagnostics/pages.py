"""The pages of the catalogue: one Markdown document a code, read for `explain`, tests and `make gen`.

Nothing on the way from a document to its diagnostics reads a page; what that
needs is in the generated `_catalogue.py`.
"""

from __future__ import annotations

from importlib import resources
from typing import Any, NamedTuple


class Example(NamedTuple):
    """A document that gives the diagnostic of its page in a line (1-based)."""

    text: str
    line: int


class Page(NamedTuple):
    """One code.

    Attributes:
        code: the number.
        slug: the rest of the file name, as in `ABML201-unknown-flow.md`.
        title: the heading.
        prose: what it means, in Markdown.
        severity: "error", "warning" or "info"; "fault" for kinds of run-time errors.
        strict: whether strict mode makes an error of it.
        since: the first version of the toolchain that has it.
        message: template of the message; empty for run-time kinds.
        help: template of the help, or None; for run-time kinds what to do, in words.
        kind: name of the run-time error kind, or None.
        catchable: for run-time kinds, whether an `on_error` is consulted, in words.
        example: for run-time kinds, an action that fails so, or None.
        fails: documents that give it.
        mended: a document like the first of them that does not, or None.
        exact: whether each failing example gives no other code.
        style: whether it is reported only when style findings are asked for.
        schema: whether the examples are schemas, to generate templates from.
        files: other files of the examples, name to text.
        templates, manifest: registry and manifest (YAML) the examples are checked with.
    """

    code: int
    slug: str
    title: str
    prose: str
    severity: str
    strict: bool
    since: str
    message: str
    help: str | None
    kind: str | None
    catchable: str | None
    example: str | None
    fails: tuple[Example, ...]
    mended: str | None
    exact: bool
    style: bool
    schema: bool
    files: dict[str, str]
    templates: str | None
    manifest: str | None


def names() -> dict[int, str]:
    """Code number to file name, ascending."""
    found = [item.name for item in resources.files(__package__).iterdir()]
    pages = [name for name in found if name.startswith("ABML") and name.endswith(".md")]
    return {int(name[4:7]): name for name in sorted(pages)}


def read_page(name: str) -> Page:
    """Read one page by its file name.

    Raises:
        ValueError: the page has no front matter, or a field is missing.
    """
    import yaml

    text = (resources.files(__package__) / name).read_text(encoding="utf-8")
    parts = text.split("---\n", 2)
    if len(parts) != 3 or parts[0]:
        raise ValueError(f"{name}: no front matter")
    fields: dict[str, Any] = yaml.safe_load(parts[1])
    heading, _, prose = parts[2].strip().partition("\n")
    try:
        code, slug = name.removesuffix(".md").split("-", 1)
        if fields["code"] != code:
            raise ValueError(f"{name}: the code is {fields['code']}")
        kind = fields.get("kind")
        return Page(
            code=int(code[4:]),
            slug=slug,
            title=heading.removeprefix("# "),
            prose=prose.strip(),
            severity="fault" if kind else fields["severity"],
            strict=fields.get("strict") == "error",
            since=fields["since"],
            message="" if kind else fields["message"],
            help=fields.get("help"),
            kind=kind,
            catchable=fields.get("catchable"),
            example=fields.get("example"),
            fails=tuple(_example(item) for item in fields.get("fails", ())),
            mended=fields.get("mended"),
            exact=fields.get("exact", True),
            style=fields.get("style", False),
            schema=fields.get("schema", False),
            files=fields.get("files", {}),
            templates=fields.get("templates"),
            manifest=fields.get("manifest"),
        )
    except KeyError as fault:
        raise ValueError(f"{name}: the field {fault} is missing") from None


def _example(item: dict[str, Any]) -> Example:
    """An example; `repeat: {count, item}` puts so many items, with `#` as their number, in place of its `@`."""
    text: str = item["text"]
    repeat = item.get("repeat")
    if repeat is not None:
        items = (repeat["item"].replace("#", str(number)) for number in range(repeat["count"]))
        text = text.replace("@", ", ".join(items))
    return Example(text, item["line"])


def find(code: str | int) -> str | None:
    """The file name of a page by number, code in any letter case, slug or run-time kind."""
    wanted = str(code).strip().lower()
    digits = wanted.removeprefix("abml")
    pages = names()
    if digits.isdecimal() and len(digits) <= 4:
        return pages.get(int(digits))
    wanted = wanted.replace("_", "-")
    for name in pages.values():
        if name[8:-3] == wanted:
            return name
    # The kinds whose word is also a diagnostic have a longer slug.
    return next((name for name in pages.values() if name[8:-3] == f"{wanted}-at-run"), None)
