"""One run of the formatter: parse, rewrite, print, and compare what it means."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from abml.diagnostics import Reporter
from abml.errors import AbmlSyntaxError
from abml.source import Source
from abml.syntax.cst import read
from abml.syntax.cst_nodes import CstMapping
from abml.syntax.parser import parse_document

from .comments import read_page
from .documents import document
from .layout import print_page
from .meaning import meaning
from .names import Names
from .rewriting import Rewriter
from .tree import Mapping

if TYPE_CHECKING:
    from abml.diagnostics import Diagnostic
    from abml.environment import Limits, Manifest
    from abml.syntax.ast import Document

# A rewrite may make room for another one; more than this many rounds never were needed.
_MAX_ROUNDS = 5


def format_source(source: Source, *, manifest: Manifest | None = None, limits: Limits | None = None) -> str:
    """The canonical text of a document.

    Args:
        source: the document.
        manifest: the host's actions; with it, scalar arguments of actions without
            a primary parameter are written out (row B2).
        limits: sizes and depths.

    Returns:
        A text that means the same; formatting it again gives itself. Line breaks
        are those of the source.

    Raises:
        AbmlSyntaxError: the document has errors of form; `diagnostics` has them all.
    """
    text = source.text
    for _ in range(_MAX_ROUNDS):
        try:
            made = _round(Source(text, source.path), manifest, limits)
        except RecursionError:
            # Blocks in blocks as deep as the language allows, called from deep in the host's own stack.
            break
        if made == text:
            break
        text = made
    if "\r\n" in source.text and source.text.count("\r\n") == source.text.count("\n"):
        return text.replace("\n", "\r\n") if "\r" not in text else text
    return text


def is_form(diag: Diagnostic) -> bool:
    """Whether an error says that the document cannot be read as it stands.

    Missing parts (104 to 107), names, types and values (200 and above) do not
    keep the rest of a document from its form.
    """
    number = int(diag.code[4:])
    return diag.is_error and number < 200 and not 104 <= number <= 107


def _parse(source: Source, manifest: Manifest | None, limits: Limits | None) -> Document:
    reporter = Reporter(source)
    doc = parse_document(source, reporter, manifest=manifest, limits=limits)
    if doc is None or any(is_form(diag) for diag in reporter.diagnostics):
        raise AbmlSyntaxError(reporter.sorted())
    return doc


def _round(source: Source, manifest: Manifest | None, limits: Limits | None) -> str:
    """One pass over the whole document."""
    doc = _parse(source, manifest, limits)
    names = Names(doc)
    expected = meaning(doc, names)
    for rewrites in (True, False):
        made = _printed(source, names, frozenset(doc.channels), manifest, limits, rewrites)
        if made is not None and _means(made, source, names, expected, manifest, limits):
            return made
    return source.text


def _printed(
    source: Source,
    names: Names,
    channels: frozenset[str],
    manifest: Manifest | None,
    limits: Limits | None,
    rewrites: bool,
) -> str | None:
    """The text of the rewritten tree; None when a comment got lost."""
    root = read(source, Reporter(source), limits)
    if root is None or not isinstance(root, CstMapping):
        return None
    page = read_page(source, root)
    if rewrites and isinstance(page.root, Mapping):
        document(Rewriter(names, channels, manifest), page.root)
    text, kept = print_page(page)
    # Directives and markers stand in the head and tail as well; they only add to the count.
    return None if page.comments - kept - Counter(page.head) else text


def _means(
    text: str, source: Source, names: Names, expected: object, manifest: Manifest | None, limits: Limits | None
) -> bool:
    """Whether a text is a document of that meaning, with the names of the first one."""
    try:
        doc = _parse(Source(text, source.path), manifest, limits)
    except AbmlSyntaxError:
        return False
    return bool(meaning(doc, names) == expected)
