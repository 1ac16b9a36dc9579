"""Builds the committed parse tables from the `.lark` grammars: `python -m abml.syntax.generate [--check]`.

lark computes the LALR(1) automaton; this module renumbers it, removes the
reductions that only pass a value through, and writes the tables. It is the
only module that imports lark, and only tools and tests import it. The numbers
are written as text: 16,000 of them as Python tuples would be a long file that
formatters make ten times longer, and reading the text takes a millisecond.

Removing pass-through rules matters: an operand alone would otherwise climb
through eleven precedence levels, each a reduction. When a state `p` goes over a
nonterminal A, the states reached by A, then by the left sides of the unit rules
that may reduce there, are joined into one state that acts for each look-ahead
like the last of them. The look-ahead sets stay those of the original automaton,
so errors are found at the same token.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import Any, NamedTuple

from abml.files import bring_up_to_date

HERE = Path(__file__).parent


class Job(NamedTuple):
    """One table module: its name, the grammars read together, the start symbols."""

    module: str
    grammars: tuple[str, ...]
    starts: tuple[str, ...]


JOBS = (
    Job(
        "_expression_tables.py",
        ("expression.lark", "template.lark"),
        ("expression", "output", "assign", "when", "for"),
    ),
    Job("_type_tables.py", ("types.lark",), ("type",)),
    Job("_goap_tables.py", ("goap.lark",), ("condition", "effect", "condition_item", "effect_item")),
)

State = tuple[int, ...]


class Automaton(NamedTuple):
    """lark's tables with plain keys.

    Attributes:
        shifts: (state, terminal) -> state.
        reduces: (state, terminal) -> rule index.
        gotos: (state, nonterminal) -> state.
        rules: (left side, length, alias or None, only symbol when it is a nonterminal).
        starts, ends: start symbol -> state; an end state accepts at the end of the tokens.
    """

    shifts: dict[tuple[int, str], int]
    reduces: dict[tuple[int, str], int]
    gotos: dict[tuple[int, str], int]
    rules: list[tuple[str, int, str | None, str | None]]
    starts: dict[str, int]
    ends: dict[str, int]


def build_automaton(grammar: str, starts: tuple[str, ...]) -> Automaton:
    """Let lark compute the LALR(1) tables; any conflict is an error.

    Raises:
        lark.exceptions.GrammarError: the grammar is malformed or not LALR(1).
    """
    from lark.common import ParserConf
    from lark.load_grammar import load_grammar
    from lark.parsers.lalr_analysis import LALR_Analyzer, Shift

    # lark's own functions lack annotations here and there.
    load: Any = load_grammar
    loaded, _ = load(grammar, "<grammar>", [], False)
    _, compiled, _ = loaded.compile(list(starts), "*")
    analyzer: Any = LALR_Analyzer(ParserConf(compiled, {}, list(starts)), strict=True)
    analyzer.compute_lalr()
    table = analyzer.parse_table

    rules: list[tuple[str, int, str | None, str | None]] = []
    numbers: dict[Any, int] = {}
    for rule in compiled:
        only = rule.expansion[0] if len(rule.expansion) == 1 else None
        numbers[rule] = len(rules)
        inner = only.name if only is not None and not only.is_term else None
        rules.append((rule.origin.name, len(rule.expansion), rule.alias, inner))
    shifts: dict[tuple[int, str], int] = {}
    reduces: dict[tuple[int, str], int] = {}
    gotos: dict[tuple[int, str], int] = {}
    nonterminals = {rule.origin.name for rule in compiled}
    for state, row in table.states.items():
        for symbol, (kind, argument) in row.items():
            if kind is not Shift:
                reduces[state, symbol] = numbers[argument]
            elif symbol in nonterminals:
                gotos[state, symbol] = argument
            else:
                shifts[state, symbol] = argument
    return Automaton(shifts, reduces, gotos, rules, dict(table.start_states), dict(table.end_states))


class Compactor:
    """Joins the states that pass-through rules connect; see the module text."""

    def __init__(self, automaton: Automaton) -> None:
        self.automaton = automaton
        self.rows: dict[int, list[str]] = {}
        self.ends = set(automaton.ends.values())
        for state, symbol in [*automaton.shifts, *automaton.reduces, *((state, "$END") for state in self.ends)]:
            self.rows.setdefault(state, []).append(symbol)
        self.goto_rows: dict[int, dict[str, int]] = {}
        for (state, symbol), target in automaton.gotos.items():
            self.goto_rows.setdefault(state, {})[symbol] = target

    def is_unit(self, rule: int) -> bool:
        _, _, alias, inner = self.automaton.rules[rule]
        return alias is None and inner is not None

    def gotos_of(self, joined: State) -> dict[str, int]:
        """The transitions of a joined state over nonterminals."""
        result: dict[str, int] = {}
        for state in joined:
            for symbol, target in self.goto_rows.get(state, {}).items():
                if result.setdefault(symbol, target) != target:
                    raise ValueError(f"joining states {joined} is ambiguous at {symbol}")
        return result

    def close(self, gotos: dict[str, int], first: int) -> State:
        """`first` and every state that unit reductions reach from it."""
        chain = [first]
        for state in chain:
            for symbol in sorted(self.rows.get(state, ())):
                rule = self.automaton.reduces.get((state, symbol))
                if rule is not None and self.is_unit(rule):
                    target = gotos[self.automaton.rules[rule][0]]
                    if target not in chain:
                        chain.append(target)
        return tuple(chain)

    def actions_of(self, joined: State, gotos: dict[str, int]) -> dict[str, tuple[str, int]]:
        """look-ahead -> ("shift", state), ("reduce", rule) or ("accept", 0)."""
        automaton = self.automaton
        result: dict[str, tuple[str, int]] = {}
        for symbol in {symbol for state in joined for symbol in self.rows.get(state, ())}:
            state = joined[0]
            while True:
                if symbol == "$END" and state in self.ends:
                    result[symbol] = ("accept", 0)
                    break
                target = automaton.shifts.get((state, symbol))
                if target is not None:
                    result[symbol] = ("shift", target)
                    break
                rule = automaton.reduces.get((state, symbol))
                if rule is None:
                    break
                if not self.is_unit(rule):
                    result[symbol] = ("reduce", rule)
                    break
                state = gotos[automaton.rules[rule][0]]
        return result


def render(job: Job) -> str:
    """The text of one table module."""
    grammar = "\n".join((HERE / name).read_text(encoding="utf-8") for name in job.grammars)
    automaton = build_automaton(grammar, job.starts)
    compactor = Compactor(automaton)
    terminals = ["$END", *re.findall(r"^([A-Z_]+):", grammar, re.MULTILINE)]

    # States are numbered in breadth-first order from 1, so that the output
    # depends on the grammar only and a shift to a state is never 0, an error.
    numbers: dict[State, int] = {}
    order: list[State] = []
    parents: dict[State, dict[str, int]] = {}

    def number(joined: State, gotos: dict[str, int] | None = None) -> int:
        if joined not in numbers:
            numbers[joined] = len(order) + 1
            order.append(joined)
        if gotos is not None:
            parents.setdefault(joined, gotos)
        return numbers[joined]

    starts = {name: number((automaton.starts[name],)) for name in job.starts}
    used: dict[int, int] = {}
    nonterminals: dict[str, int] = {}
    action_rows: list[list[int]] = []
    goto_rows: list[dict[int, int]] = []
    at = 0
    while at < len(order):
        joined = order[at]
        at += 1
        row = [0] * len(terminals)
        actions = compactor.actions_of(joined, parents.get(joined, {}))
        for index, terminal in enumerate(terminals):
            kind, argument = actions.get(terminal, ("", 0))
            if kind == "shift":
                row[index] = number((argument,))
            elif kind == "accept":
                row[index] = -1
            elif kind == "reduce":
                row[index] = -2 - used.setdefault(argument, len(used))
        action_rows.append(row)
        gotos = compactor.gotos_of(joined)
        goto_row: dict[int, int] = {}
        for symbol in sorted(gotos):
            target = number(compactor.close(gotos, gotos[symbol]), gotos)
            goto_row[nonterminals.setdefault(symbol, len(nonterminals))] = target
        goto_rows.append(goto_row)

    rules: list[str] = []
    for rule in used:
        left, length, alias, _ = automaton.rules[rule]
        if alias is None:
            raise ValueError(f"a rule of '{left}' needs an alias")
        rules.append(f"{nonterminals[left]}:{length}:{alias}")
    width = len(nonterminals)
    return _module_text(job, terminals, rules, starts, action_rows, [_full(row, width) for row in goto_rows])


def _full(row: dict[int, int], width: int) -> list[int]:
    return [row.get(index, 0) for index in range(width)]


def _module_text(
    job: Job,
    terminals: list[str],
    rules: list[str],
    starts: dict[str, int],
    action_rows: list[list[int]],
    goto_rows: list[list[int]],
) -> str:
    lines = [
        f"# Generated from {' and '.join(job.grammars)} by abml/syntax/generate.py (make gen); do not edit.",
        '"""LALR(1) tables: terminals, rules, actions and gotos, in the form `lalr.py` describes."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    lines += [f"{'END' if name == '$END' else name} = {index}" for index, name in enumerate(terminals)]
    pairs = ", ".join(f'"{name}": {state}' for name, state in starts.items())
    lines += ["", f"STARTS: dict[str, int] = {{{pairs}}}"]
    lines += _text("TERMINALS", terminals)
    lines += _text("RULES", rules)
    for title, rows in (("ACTION", action_rows), ("GOTO", goto_rows)):
        # Many states reduce by one rule whatever follows; equal rows are written once.
        distinct: dict[tuple[int, ...], int] = {}
        indices = [distinct.setdefault(tuple(row), len(distinct)) for row in rows]
        words: list[str] = []
        for row in distinct:
            words += [*_row_words(row), ";"]
        lines += _text(f"{title}_ROWS", words[:-1])
        lines += _text(f"{title}_INDEX", [str(index) for index in indices])
    return "\n".join(lines) + "\n"


def _row_words(row: tuple[int, ...]) -> list[str]:
    """A row as `value:column+first-last+…` for every value but 0."""
    columns: dict[int, list[int]] = {}
    for column, value in enumerate(row):
        if value:
            columns.setdefault(value, []).append(column)
    words: list[str] = []
    for value, places in columns.items():
        runs: list[list[int]] = []
        for place in places:
            if runs and runs[-1][1] == place - 1:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        shown = "+".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
        words.append(f"{value}:{shown}")
    return words


def _text(name: str, words: list[str]) -> list[str]:
    """A constant that holds blank-separated words, in lines of at most 120 characters."""
    filled = textwrap.wrap(" ".join(words), 120, break_long_words=False, break_on_hyphens=False)
    return ["", f'{name} = """', *filled, '"""']


def main(arguments: list[str]) -> int:
    """Write the table modules; with `--check` only compare, and return 1 when one is stale."""
    return bring_up_to_date({HERE / job.module: render(job) for job in JOBS}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
