"""How many random cases a run of the tests looks at, and how failures are told.

`ABML_DIFFERENTIAL=full` raises the counts of the ordinary run to those of the
long one; a number multiplies them.
"""

from __future__ import annotations

import os

_CHOICE = os.environ.get("ABML_DIFFERENTIAL", "")
_FACTOR = int(_CHOICE) if _CHOICE.isdecimal() else 1

LONG_EXPRESSIONS = 20_000 * _FACTOR
LONG_DOCUMENTS = 2_000 * _FACTOR
LONG_TEMPLATES = 5_000 * _FACTOR
LONG_CHANNELS = 5_000 * _FACTOR
LONG_PROGRAMS = 1_000 * _FACTOR
EXPRESSIONS = LONG_EXPRESSIONS if _CHOICE == "full" else 1_500 * _FACTOR
DOCUMENTS = LONG_DOCUMENTS if _CHOICE == "full" else 150 * _FACTOR
TEMPLATES = LONG_TEMPLATES if _CHOICE == "full" else 300 * _FACTOR
CHANNELS = LONG_CHANNELS if _CHOICE == "full" else 125 * _FACTOR
PROGRAMS = LONG_PROGRAMS if _CHOICE == "full" else 50 * _FACTOR

_SHOWN = 3


def report(found: list[str | None]) -> None:
    """Fail with the first few differences, the smallest first."""
    told = sorted((one for one in found if one is not None), key=len)
    assert not told, f"{len(told)} differences\n\n" + "\n\n".join(told[:_SHOWN])
