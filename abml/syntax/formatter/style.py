"""Older spellings inside scalars: what the formatter would write in their place (ABML114).

The parser reports older words by itself. Expressions, durations, conditions of
plans and the like have their canonical spelling from the formatter alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from abml.diagnostics import Fix, Reporter
from abml.errors import AbmlSyntaxError
from abml.syntax.cst import read
from abml.syntax.cst_nodes import CstMapping

from .comments import read_page
from .documents import document
from .engine import Run
from .quoting import one_line
from .rewriting import Rewriter
from .tree import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from abml.environment import Limits, Manifest
    from abml.source import Source


def report_style(
    source: Source, reporter: Reporter, *, manifest: Manifest | None = None, limits: Limits | None = None
) -> None:
    """Report the scalars of a document that have another canonical spelling, each with its fix.

    Nothing is reported of a document with errors of form, and nothing twice.
    """
    root = read(source, Reporter(source), limits)
    if root is None or not isinstance(root, CstMapping):
        return
    try:
        run = Run(source, manifest, limits)
        page = read_page(source, root)
        if not isinstance(page.root, Mapping):
            return
        document(Rewriter(run.names, run.channels, manifest), page.root)
    except (AbmlSyntaxError, RecursionError):
        return
    told = {diag.span for diag in reporter.diagnostics if diag.fix is not None}
    for node in _scalars(page.root):
        origin = node.origin
        if origin is None or (node.raw is not None and node.text == origin.text):
            continue
        made = one_line(node)
        raw = source.text[origin.start : origin.end]
        if made is None or made == raw or origin.span in told:
            continue
        fix = Fix(origin.span, made)
        reporter.report(114, origin.span, spelling=_shown(origin.text), canonical=_shown(node.text), fix=fix)


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _scalars(node: Node) -> Iterator[Scalar]:
    """Every value of a tree that is a scalar."""
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Mapping):
        for pair in node.pairs:
            yield from _scalars(pair.value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
