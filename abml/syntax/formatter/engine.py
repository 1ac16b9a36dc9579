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
    try:
        text = Run(source, manifest, limits).text()
    except RecursionError:
        # Blocks in blocks as deep as the language allows, called from deep in the host's own stack.
        text = source.text
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


class Run:
    """One document on its way to the form that does not change any more.

    Attributes:
        names: what the document says about its names.
        expected: what it means.
    """

    def __init__(self, source: Source, manifest: Manifest | None, limits: Limits | None) -> None:
        self.source = source
        self.manifest = manifest
        self.limits = limits
        doc = self.parse(source)
        self.names = Names(doc)
        self.channels = frozenset(doc.channels)
        self.expected = meaning(doc, self.names)

    def text(self) -> str:
        """The canonical text."""
        text = self.source.text
        for _ in range(_MAX_ROUNDS):
            made = self.round(Source(text, self.source.path))
            if made == text:
                break
            text = made
        return text

    def round(self, source: Source) -> str:
        """One pass over the whole document: with all rewrites, else of the layout alone, else nothing."""
        for rewrites in (True, False):
            made = self.printed(source, rewrites)
            if made is not None and (made == source.text or self.means(made)):
                return made
        return source.text

    def printed(self, source: Source, rewrites: bool) -> str | None:
        """The text of the rewritten tree; None when a comment got lost."""
        root = read(source, Reporter(source), self.limits)
        if root is None or not isinstance(root, CstMapping):
            return None
        page = read_page(source, root)
        if rewrites and isinstance(page.root, Mapping):
            document(Rewriter(self.names, self.channels, self.manifest), page.root)
        text, kept = print_page(page)
        # Directives and markers stand in the head and tail as well; they only add to the count.
        return None if page.comments - kept - Counter(page.head) else text

    def means(self, text: str) -> bool:
        """Whether a text is a document of the same meaning."""
        try:
            doc = self.parse(Source(text, self.source.path))
        except AbmlSyntaxError:
            return False
        return bool(meaning(doc, self.names) == self.expected)

    def parse(self, source: Source) -> Document:
        reporter = Reporter(source)
        doc = parse_document(source, reporter, manifest=self.manifest, limits=self.limits)
        if doc is None or any(is_form(diag) for diag in reporter.diagnostics):
            raise AbmlSyntaxError(reporter.sorted())
        return doc
