"""The reference world: a small, real, deterministic world for examples and tests."""

from .findings import WorldError
from .loading import load, loads
from .saving import dumps, save
from .world import Refused, RefWorld

__all__ = ["RefWorld", "Refused", "WorldError", "dumps", "load", "loads", "save"]
