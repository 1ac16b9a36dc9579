"""The formatter: a document in the canonical spelling of every row of the dialect table (language 2).

It rewrites the tree of the source, not that of the parser, so that comments,
blank lines, the order of keys and the quotes that do not matter stay. What it
wrote is parsed again and compared with the document; a rewrite that would
change the meaning is not kept.
"""

from __future__ import annotations

from .engine import format_source as format_source
from .style import report_style as report_style

__all__ = ["format_source", "report_style"]
