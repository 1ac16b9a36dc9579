"""What the checks of several documents found together, without what only one of them alone would say."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from abml.diagnostics import Diagnostic

# Which flow of a library a run would start with matters to nobody who imports it.
_OF_ROOTS_ONLY = frozenset({"ABML216"})


class Findings:
    """Diagnostics of documents that are checked one after the other and may import each other.

    Attributes:
        files: how many documents were checked.
    """

    def __init__(self) -> None:
        self.files = 0
        self._found: list[Diagnostic] = []
        self._imported: set[str] = set()

    def add(self, found: Iterable[Diagnostic], imported: Iterable[str | None]) -> None:
        """The diagnostics of one more document, and the paths of those that it imports."""
        self.files += 1
        self._found.extend(found)
        self._imported.update(os.path.realpath(path) for path in imported if path is not None)

    def all(self) -> list[Diagnostic]:
        """Everything, once: a library's findings are met again at each of its importers."""
        kept: list[Diagnostic] = []
        seen: set[tuple[object, ...]] = set()
        for diag in self._found:
            path = os.path.realpath(diag.span.path) if diag.span.path else diag.span.path
            if diag.code in _OF_ROOTS_ONLY and path in self._imported:
                continue
            key = (diag.code, path, *diag.span[1:], diag.message)
            if key not in seen:
                seen.add(key)
                kept.append(diag)
        return kept
