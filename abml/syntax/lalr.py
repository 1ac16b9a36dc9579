"""A table-driven LALR(1) parser: generated tables in, tree-building methods called, no recursion.

A table module (see `generate.py`) holds blank-separated words. A rule is
`left:length:name`, with the tree-building method `on_name`. A row is a list of
`value:columns`, ended by `;`; columns are joined by `+`, and `3-5` are three of
them; what is not named is 0. `ACTION_INDEX` gives each state, from 1, its row of
`ACTION_ROWS`, whose columns are terminals: 0 is an error, a positive value a
state to shift to, -1 accepts, -2 - r reduces by rule r. `GOTO_ROWS` has states
by nonterminals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Tokens:
    """A scanned range of a text, as parallel lists that end with an END token.

    Attributes:
        kinds: terminal numbers; the last is 0, END.
        starts, ends: offsets; END stands behind the last token.
        values: what the tree builder wants: a text in the simplest form.
    """

    __slots__ = ("ends", "kinds", "starts", "values")

    def __init__(self) -> None:
        self.kinds: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.values: list[Any] = []

    def add(self, kind: int, start: int, end: int, value: Any) -> None:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        self.values.append(value)


class Failure(NamedTuple):
    """A syntax error: the index of the token that fits nowhere, and the terminals that would."""

    token: int
    expected: frozenset[int]


def _states(rows: str, index: str, width: int) -> list[list[int]]:
    """A row for every state; state 0 does not exist."""
    tables: list[list[int]] = []
    for line in rows.split(";"):
        row = [0] * width
        for word in line.split():
            value, _, columns = word.partition(":")
            number = int(value)
            if columns.isdigit():
                row[int(columns)] = number
                continue
            for run in columns.split("+"):
                first, _, last = run.partition("-")
                if last:
                    start, stop = int(first), int(last) + 1
                    row[start:stop] = [number] * (stop - start)
                else:
                    row[int(first)] = number
        tables.append(row)
    return [[], *(tables[int(at)] for at in index.split())]


class Grammar:
    """The tables of one grammar joined with the methods of a tree builder.

    A method `on_x(start, end, *values)` gets the range of its rule's tokens as
    offsets and one value per symbol: a token's value, or what the method of a
    nonterminal returned. Shared by all parses; not changed after construction.
    """

    __slots__ = ("action", "goto", "methods", "rules", "starts")

    def __init__(self, tables: Any, builder: type[Any]) -> None:
        # Two more columns: the negative kinds of a scanner that stopped fit nowhere.
        self.action = _states(tables.ACTION_ROWS, tables.ACTION_INDEX, len(tables.TERMINALS.split()) + 2)
        rules = [word.split(":") for word in tables.RULES.split()]
        self.rules = [(int(left), int(length)) for left, length, _ in rules]
        self.goto = _states(tables.GOTO_ROWS, tables.GOTO_INDEX, max(left for left, _ in self.rules) + 1)
        # Functions of the class, not bound methods: binding all of them costs more than a parse.
        self.methods: list[Callable[..., Any]] = [getattr(builder, "on_" + name) for _, _, name in rules]
        self.starts: dict[str, int] = tables.STARTS

    def parse(self, start: str, tokens: Tokens, builder: object) -> Any:
        """Parse all tokens from a start symbol.

        Returns:
            What the builder made of the start symbol, or a `Failure`.
        """
        action, goto, rules, methods = self.action, self.goto, self.rules, self.methods
        kinds, offsets, ends, token_values = tokens.kinds, tokens.starts, tokens.ends, tokens.values
        state = self.starts[start]
        states = [state]
        values: list[Any] = []
        starts: list[int] = []
        at = 0
        kind = kinds[0]
        end = offsets[0]
        while True:
            step = action[state][kind]
            if step > 0:
                state = step
                states.append(state)
                values.append(token_values[at])
                starts.append(offsets[at])
                end = ends[at]
                at += 1
                kind = kinds[at]
            elif step < -1:
                left, length = rules[-2 - step]
                if length == 1:
                    values[-1] = methods[-2 - step](builder, starts[-1], end, values[-1])
                    state = states[-1] = goto[states[-2]][left]
                elif length:
                    arguments = values[-length:]
                    del values[-length:], states[-length:], starts[1 - length :]
                    values.append(methods[-2 - step](builder, starts[-1], end, *arguments))
                    state = goto[states[-1]][left]
                    states.append(state)
                else:
                    values.append(methods[-2 - step](builder, end, end))
                    starts.append(end)
                    state = goto[state][left]
                    states.append(state)
            elif step:
                return values[-1]
            else:
                row = action[state]
                return Failure(at, frozenset(index for index, value in enumerate(row) if value))
