"""Planning texts: conditions, effects and their list forms (language reference 10.2 to 10.4)."""

from __future__ import annotations

from typing import Any

from abml.diagnostics import Reporter
from abml.patterns import lazy
from abml.values import parse_number

from . import _goap_tables as t
from . import ast
from .expressions import MAX_DEPTH, TreeBuilder
from .lalr import Failure, Grammar, Tokens
from .lexer import find_close
from .literals import read_braces
from .places import Place

_BLANKS = " \t\r\n"
_COMPARE = lazy(r">=|<=|==|!=|=|>|<")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_ITEM = lazy(r"[ \t\r\n]*+([A-Za-z_][A-Za-z0-9_.]*+(?:-[A-Za-z0-9_.]++)*+)[ \t\r\n]*+(\+=|-=|>=|<=|==|!=|=|>|<)")
# A quoted text, or ` or ` between alternatives.
_OR = lazy(r"""'[^']*+'|"[^"]*+"|(?<=[ \t\r\n])or(?=[ \t\r\n])""")
_FACT_GAP = lazy(r"[^a-z0-9]+")


def parse_condition(
    text: str, place: Place, reporter: Reporter, key: str, allow_expression: bool = False, max_depth: int = MAX_DEPTH
) -> ast.GoapEntry | None:
    """Read the value of a condition: `>= 3`, `true`, `!= 'pier'`, `pier`, `> ${limit}`.

    Numbers, booleans and nulls of YAML come as their text.

    Args:
        key: the fact the condition is about.
        allow_expression: whether `${}` may be the operand (goal conditions).

    Returns:
        The entry (op is one of `== != < <= > >=`), or None after reporting
        ABML601 or what is wrong with the expression.
    """
    reader = _GoapBuilder(text, place, reporter, key, max_depth)
    tokens = Tokens()
    start, end = reader.trimmed(0, len(text))
    reader.scan_condition(tokens, start, end, allow_expression)
    return reader.finish("condition", tokens, end, 601)


def parse_effect(
    text: str, place: Place, reporter: Reporter, key: str, max_depth: int = MAX_DEPTH
) -> ast.GoapEntry | None:
    """Read the value of an effect: `+5`, `-2`, `= -5`, `true`, `pier`, `+0.2 or -0.1`.

    Returns:
        The entry (op is `=`, `+` or `-`) with the other alternatives in
        `alternatives` (the checker warns of them), or None after reporting ABML602.
    """
    reader = _GoapBuilder(text, place, reporter, key, max_depth)
    tokens = Tokens()
    start, end = reader.trimmed(0, len(text))
    reader.scan_effect(tokens, start, end)
    return reader.finish("effect", tokens, end, 602)


def parse_condition_item(
    text: str, place: Place, reporter: Reporter, allow_expression: bool = False, max_depth: int = MAX_DEPTH
) -> ast.GoapEntry | None:
    """Read an item of a condition list: `key op value`, else a symbolic fact that must be true."""
    match = _ITEM.match(text)
    if match is None or match.group(2) in ("+=", "-="):
        return _symbolic(text, place, reporter, "==", 601)
    reader = _GoapBuilder(text, place, reporter, match.group(1), max_depth)
    tokens = Tokens()
    tokens.add(t.KEY, match.start(1), match.end(1), match.group(1))
    end = reader.trimmed(0, len(text))[1]
    reader.scan_condition(tokens, match.start(2), end, allow_expression)
    return reader.finish("condition_item", tokens, end, 601)


def parse_effect_item(text: str, place: Place, reporter: Reporter, max_depth: int = MAX_DEPTH) -> ast.GoapEntry | None:
    """Read an item of an effect list: `key += n`, `key -= n`, `key = value`, else a symbolic fact."""
    match = _ITEM.match(text)
    if match is None or match.group(2) not in ("+=", "-=", "="):
        return _symbolic(text, place, reporter, "=", 602)
    reader = _GoapBuilder(text, place, reporter, match.group(1), max_depth)
    tokens = Tokens()
    tokens.add(t.KEY, match.start(1), match.end(1), match.group(1))
    sign = match.group(2)
    tokens.add(t.ASSIGN if sign == "=" else t.SIGN_ASSIGN, match.start(2), match.end(2), sign)
    start, end = reader.trimmed(match.end(), len(text))
    reader.scan_value(tokens, start, end)
    return reader.finish("effect_item", tokens, end, 602)


def symbolic_fact(text: str) -> str:
    """The fact a plain sentence names: lower case, every other run of characters one `_`."""
    return _FACT_GAP.sub("_", text.lower()).strip("_")


def _symbolic(text: str, place: Place, reporter: Reporter, op: str, code: int) -> ast.GoapEntry | None:
    fact = symbolic_fact(text)
    span = place.place(0, len(text))
    if not fact:
        reporter.report(code, span, key=text, reason="it names no fact")
        return None
    reporter.report(608, span, written=text, fact=fact)
    return ast.GoapEntry(span, fact, text, op, True)


class _GoapBuilder:
    """Scans one text and builds its entry: the methods that the tables call."""

    def __init__(self, text: str, place: Place, reporter: Reporter, key: str, max_depth: int) -> None:
        self.text = text
        self.trees = TreeBuilder(text, place, reporter, max_depth)
        self.reporter = reporter
        self.key = key
        self.reason: str | None = None

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        text = self.text
        while end > start and text[end - 1] in _BLANKS:
            end -= 1
        while start < end and text[start] in _BLANKS:
            start += 1
        return start, end

    def scan_condition(self, tokens: Tokens, start: int, end: int, allow_expression: bool) -> None:
        match = _COMPARE.match(self.text, start, end)
        if match is not None:
            tokens.add(t.COMPARE, start, match.end(), "==" if match.group() == "=" else match.group())
            start, end = self.trimmed(match.end(), end)
        opening = self.text.find("${", start, end)
        if opening < 0:
            self.scan_value(tokens, start, end)
        elif not allow_expression:
            self.reason = "'${}' may stand in the conditions of goals only"
        elif opening > start or find_close(self.text, start + 2, end)[0] != end - 1:
            self.reason = "'${}' must be the whole value"
        else:
            tokens.add(t.EXPRESSION, start, end, self.text[start:end])

    def scan_effect(self, tokens: Tokens, start: int, end: int) -> None:
        at = start
        for match in _OR.finditer(self.text, start, end):
            if match.group() == "or":
                self._scan_alternative(tokens, *self.trimmed(at, match.start()))
                tokens.add(t.OR, match.start(), match.end(), "or")
                at = match.end()
        self._scan_alternative(tokens, *self.trimmed(at, end))

    def _scan_alternative(self, tokens: Tokens, start: int, end: int) -> None:
        sign = self.text[start:end][:1]
        if sign in ("+", "-"):
            tokens.add(t.SIGN, start, start + 1, sign)
        elif sign == "=":
            tokens.add(t.ASSIGN, start, start + 1, sign)
        else:
            self.scan_value(tokens, start, end)
            return
        self.scan_value(tokens, *self.trimmed(start + 1, end))

    def scan_value(self, tokens: Tokens, start: int, end: int) -> None:
        """One value token for the whole range; none for an empty one."""
        text = self.text[start:end]
        if not text:
            return
        if text[0] in "'\"" and len(text) > 1 and text.find(text[0], 1) == len(text) - 1:
            tokens.add(t.QUOTED, start, end, text[1:-1])
        elif "${" in text:
            self.reason = "'${}' may stand in the conditions of goals only"
        elif text.lower() in _WORDS:
            tokens.add(t.WORD, start, end, _WORDS[text.lower()])
        else:
            number = parse_number(text)
            tokens.add(t.TEXT if number is None else t.NUMBER, start, end, text if number is None else number)

    def finish(self, symbol: str, tokens: Tokens, end: int, code: int) -> ast.GoapEntry | None:
        """Parse the tokens; report `code` when they do not fit."""
        tokens.add(t.END, end, end, "")
        span = self.trees.span(0, len(self.text))
        if self.reason is None:
            result = _GRAMMAR.parse(symbol, tokens, self)
            if type(result) is Failure:
                self.reason = self._explain(tokens, result)
            elif self.trees.failed:
                return None
            else:
                return self._entry(span, result)
        self.reporter.report(code, span, key=self.key, reason=self.reason)
        return None

    def _explain(self, tokens: Tokens, failure: Failure) -> str:
        at = failure.token
        kind = tokens.kinds[at]
        before = tokens.values[at - 1] if at else None
        if kind in (t.END, t.OR):
            return "it is empty" if at == 0 else f"nothing follows '{before}'"
        if t.NUMBER in failure.expected and t.TEXT not in failure.expected:
            return f"'{before}' needs a number, not '{self.text[tokens.starts[at] : tokens.ends[at]]}'"
        return f"'{self.text[tokens.starts[at] : tokens.ends[at]]}' does not fit here"

    def _entry(self, span: Any, result: list[tuple[str, Any]]) -> ast.GoapEntry:
        op, value = result[0]
        return ast.GoapEntry(span, self.key, self.text, op, value, result[1:])

    # Conditions are a list of one (op, value), effects of one for each alternative.

    def on_equals(self, start: int, end: int, value: Any) -> list[tuple[str, Any]]:
        return [("==", value)]

    def on_compare(self, start: int, end: int, op: str, value: Any) -> list[tuple[str, Any]]:
        return [(op, value)]

    def on_keyed_condition(self, start: int, end: int, key: str, op: str, value: Any) -> list[tuple[str, Any]]:
        return [(op, value)]

    def on_first(self, start: int, end: int, item: tuple[str, Any]) -> list[tuple[str, Any]]:
        return [item]

    def on_more(
        self, start: int, end: int, items: list[tuple[str, Any]], word: str, item: tuple[str, Any]
    ) -> list[tuple[str, Any]]:
        items.append(item)
        return items

    def on_delta(self, start: int, end: int, sign: str, number: int | float) -> tuple[str, Any]:
        return sign, number

    def on_assign(self, start: int, end: int, sign: str, value: Any) -> tuple[str, Any]:
        return "=", value

    def on_put(self, start: int, end: int, value: Any) -> tuple[str, Any]:
        return "=", value

    def on_keyed_delta(self, start: int, end: int, key: str, sign: str, number: int | float) -> list[tuple[str, Any]]:
        return [(sign[0], number)]

    def on_keyed_assign(self, start: int, end: int, key: str, sign: str, value: Any) -> list[tuple[str, Any]]:
        return [("=", value)]

    def on_number(self, start: int, end: int, number: int | float) -> int | float:
        return number

    def on_word(self, start: int, end: int, value: bool | None) -> bool | None:
        return value

    def on_quoted(self, start: int, end: int, text: str) -> str:
        return text

    def on_text(self, start: int, end: int, text: str) -> str:
        return text

    def on_expression(self, start: int, end: int, written: str) -> ast.Expr | None:
        return read_braces(self.trees, start, end - 1)


_GRAMMAR = Grammar(t, _GoapBuilder)
