"""The passes over a unit, in the order they run.

A pass takes a unit and changes it in place. It may empty blocks, never reorder
them, because handlers and top-level marks name blocks; only `UnitIR.compact`
removes some.
"""

from __future__ import annotations

from collections.abc import Callable

from abml.compiler.ir.blocks import UnitIR
from abml.compiler.ir.pool import Pool

from . import copies, dead, fold, jumps, straighten, unreachable

Pass = Callable[[UnitIR, Pool], None]

PASSES: tuple[tuple[str, Pass], ...] = (
    ("fold", fold.run),
    ("copies", copies.run),
    ("dead", dead.run),
    ("jumps", jumps.run),
    ("unreachable", unreachable.run),
    ("straighten", straighten.run),
)
