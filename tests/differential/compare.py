"""Outcomes of the product and of the judge, and when they are the same."""

from __future__ import annotations

import math
from typing import Any

from abml.values import Duration

# Their last bits may differ between ways to compute them.
APPROXIMATE = ("pow", "distance", "sqrt", "lerp", "remap", "smoothstep")


class Anything:
    """Stands where the two may differ: the wording of a warning."""


def same_value(a: Any, b: Any, *, approximate: bool = False) -> bool:
    """Equal kinds and equal content, floats to the bit (NaN is NaN, 0.0 is -0.0)."""
    pending = [(a, b)]
    while pending:
        x, y = pending.pop()
        if isinstance(x, Anything) or isinstance(y, Anything):
            continue
        if type(x) is not type(y):
            return False
        if isinstance(x, float):
            if x != y and not (x != x and y != y) and not (approximate and math.isclose(x, y, rel_tol=1e-12)):
                return False
        elif isinstance(x, list):
            if len(x) != len(y):
                return False
            pending.extend(zip(x, y, strict=True))
        elif isinstance(x, dict):
            if list(x) != list(y):
                return False
            pending.extend((x[key], y[key]) for key in x)
        elif isinstance(x, Duration):
            if x.micros != y.micros:
                return False
        elif x != y:
            return False
    return True


def plain(value: Any, above: tuple[int, ...] = ()) -> Any:
    """Records and other mappings of a result as plain maps, so that kinds compare; a circle is cut."""
    if not isinstance(value, dict | list | tuple):
        return value
    if id(value) in above:
        return "..."
    above = (*above, id(value))
    if isinstance(value, dict):
        return {key: plain(item, above) for key, item in value.items()}
    return [plain(item, above) for item in value]
