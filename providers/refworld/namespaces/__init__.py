"""The namespaces of runtime 5.3 over a reference world, as factories and columns."""

from .all import factories

__all__ = ["factories"]
