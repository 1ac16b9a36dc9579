"""Diagnostics: findings about a source, their catalogue and their renderings."""

from __future__ import annotations

from .model import Diagnostic, Fix, Note, Reporter, position_key

__all__ = ["Diagnostic", "Fix", "Note", "Reporter", "position_key"]
