"""The checker: from a document set to a model, with every diagnostic that applies."""

from __future__ import annotations

from .pipeline import CHECKS, check

__all__ = ["CHECKS", "check"]
