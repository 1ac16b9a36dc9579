"""Regular expressions that are compiled when they are first used.

Compiling takes up to a millisecond each, and a check of a small document needs
few of those that the front end has.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("findall", "finditer", "fullmatch", "match", "search", "split", "sub")


class _Lazy:
    def __init__(self, text: str, flags: int) -> None:
        self.text = text
        self.kind = flags

    def __getattr__(self, name: str) -> Any:
        # Only asked for what is not there yet: afterwards the methods are plain attributes.
        compiled = re.compile(self.text, self.kind)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(text: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern `re.compile(text, flags)`, compiled at its first use."""
    return cast("re.Pattern[str]", _Lazy(text, flags))
