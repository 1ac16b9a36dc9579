# Generated from abml/syntax/types.lark by abml/syntax/generate.py (make gen); do not edit.
"""LALR(1) tables: terminals, rules, actions and gotos, in the form `lalr.py` describes."""

from __future__ import annotations

END = 0
NAME = 1
QUESTION = 2
LESS = 3
GREATER = 4
ENUM_OPEN = 5
TEXT = 6
COMMA = 7
RPAR = 8

TERMINALS: tuple[str, ...] = (
    "$END", "NAME", "QUESTION", "LESS", "GREATER", "ENUM_OPEN", "TEXT", "COMMA", "RPAR",
)
RULES: tuple[tuple[int, int, str], ...] = (
    (0, 1, "named"), (2, 1, "first"), (1, 2, "optional"), (3, 1, "first"), (0, 3, "enum"), (0, 4, "generic"),
    (2, 3, "more"), (3, 3, "more"),
)
STARTS: dict[str, int] = {"type": 1}
ACTION_ROWS: tuple[tuple[int, ...], ...] = (
    (
        0, 2, 0, 0, 0, 3, 0, 0, 0,
    ),
    (
        -2, 0, -2, 6, -2, 0, 0, -2, 0,
    ),
    (
        0, 0, 0, 0, 0, 0, 7, 0, 0,
    ),
    (
        -1, 0, 9, 0, 0, 0, 0, 0, 0,
    ),
    (
        -1, 0, 0, 0, 0, 0, 0, 0, 0,
    ),
    (
        0, 0, 0, 0, 0, 0, 0, -3, -3,
    ),
    (
        0, 0, 0, 0, 0, 0, 0, 13, 14,
    ),
    (
        -4, 0, 0, 0, -4, 0, 0, -4, 0,
    ),
    (
        0, 0, 0, 0, 15, 0, 0, 16, 0,
    ),
    (
        0, 0, 9, 0, -5, 0, 0, -5, 0,
    ),
    (
        0, 0, 0, 0, -5, 0, 0, -5, 0,
    ),
    (
        0, 0, 0, 0, 0, 0, 17, 0, 0,
    ),
    (
        -6, 0, -6, 0, -6, 0, 0, -6, 0,
    ),
    (
        -7, 0, -7, 0, -7, 0, 0, -7, 0,
    ),
    (
        0, 0, 0, 0, 0, 0, 0, -8, -8,
    ),
    (
        0, 0, 9, 0, -9, 0, 0, -9, 0,
    ),
    (
        0, 0, 0, 0, -9, 0, 0, -9, 0,
    ),
)
ACTION_INDEX: tuple[int, ...] = (
    0, 1, 2, 3, 4, 0, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 14, 15, 16,
)
GOTO_ROWS: tuple[tuple[int, ...], ...] = (
    (
        4, 5, 0, 0,
    ),
    (
        0, 0, 0, 0,
    ),
    (
        0, 0, 8, 0,
    ),
    (
        11, 12, 0, 10,
    ),
    (
        18, 19, 0, 0,
    ),
)
GOTO_INDEX: tuple[int, ...] = (
    0, 1, 2, 1, 1, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1,
)
