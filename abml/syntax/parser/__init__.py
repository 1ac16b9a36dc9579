"""The parser: YAML nodes to the abstract syntax tree of a document.

`parse_document` is the one way in. Each module reads one part of a document;
those of actions register their readers in `items.BUILDERS`.
"""

from __future__ import annotations

from . import branching, domain, intents, loops, transfer, variables, waiting
from .document import parse_document

# Imported for what they register.
_ACTIONS = (branching, domain, intents, loops, transfer, variables, waiting)

__all__ = ["parse_document"]
