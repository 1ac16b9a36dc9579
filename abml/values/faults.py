"""The fault that operators on values raise, and the size limits they keep by default."""

from __future__ import annotations

INT_MIN = -(2**63)
INT_MAX = 2**63 - 1

MAX_TEXT = 1 << 20
"""Code points a text may have unless the caller passes another limit."""

MAX_LIST = 100_000
"""Elements a list may have unless the caller passes another limit."""


class ValueFault(Exception):
    """An operator or function could not give a value.

    Attributes:
        kind: one of the runtime error kinds of the language (`type_error`, ...).
        message: one sentence for the author of the document.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
