"""Words for syntax errors in expressions: what was found, what was expected, and what the author may have meant."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from abml.suggest import nearest

from . import _expression_tables as t
from .lalr import Failure, Tokens
from .lexer import BAD

if TYPE_CHECKING:
    from .expressions import TreeBuilder

_OPENING = frozenset((t.LPAR, t.LAMBDA_OPEN, t.LSQB, t.GUARDED_LSQB, t.LBRACE, t.DOLLAR))
_CLOSER = {
    t.LPAR: t.RPAR,
    t.LAMBDA_OPEN: t.RPAR,
    t.LSQB: t.RSQB,
    t.GUARDED_LSQB: t.RSQB,
    t.LBRACE: t.RBRACE,
    t.DOLLAR: t.RBRACE,
}
_CLOSING = frozenset(_CLOSER.values())
_SHOWN = {t.RPAR: "')'", t.RSQB: "']'", t.RBRACE: "'}'", t.COMMA: "','", t.COLON: "':'"}
_OPERATOR_WORDS = ("and", "or", "not", "in", "contains")
_LONGEST_SHOWN = 30
_NUMBER_RUN = re.compile(r"[0-9]+(?:\.[0-9]+)?[A-Za-z0-9_.]*")
_DURATION_RUN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?(?:ms|[smhd])){2,}")


def report_failure(builder: TreeBuilder, tokens: Tokens, failure: Failure, what: str) -> None:
    """Report the error of a parse as ABML130 (140 in templates), 131 or 132."""
    at = failure.token
    kind, start, end = tokens.kinds[at], tokens.starts[at], tokens.ends[at]
    opened = _open_brackets(tokens, at)
    if kind == t.END:
        for index in reversed(opened):
            if tokens.kinds[index] == t.DOLLAR:
                builder.error(131, builder.span(tokens.starts[index], tokens.ends[index]))
                return
    previous = at - 1
    if kind == t.RBRACE and previous >= 0 and tokens.kinds[previous] == t.DOLLAR:
        builder.error(132, builder.span(tokens.starts[previous], end), what=what)
        return
    if kind == BAD:
        found, end, hint = _bad_token(builder.text, start, end, tokens.ends[-1])
    else:
        found, hint = _found(builder.text, tokens, at), _hint(tokens, at, failure.expected, opened)
    if hint is None and kind == t.END and opened:
        column = builder.span(tokens.starts[opened[-1]], tokens.ends[opened[-1]]).column
        hint = f"close the '{_written(tokens, opened[-1])}' of column {column}"
    span = builder.span(start, end)
    builder.error(
        builder.syntax_code,
        span,
        found=f"{found} at column {span.column}",
        expected=_expected(tokens, at, failure.expected, opened),
        column=span.column,
        hint=hint,
    )


def _open_brackets(tokens: Tokens, end: int) -> list[int]:
    """Indices of the brackets still open before a token."""
    opened: list[int] = []
    for index, kind in enumerate(tokens.kinds[:end]):
        if kind in _OPENING:
            opened.append(index)
        elif kind in _CLOSING and opened:
            opened.pop()
    return opened


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."


def _written(tokens: Tokens, at: int) -> str:
    return "(" if tokens.kinds[at] == t.LAMBDA_OPEN else str(tokens.values[at])


def _found(text: str, tokens: Tokens, at: int) -> str:
    """A token in words."""
    kind, value = tokens.kinds[at], tokens.values[at]
    if kind == t.END:
        return "the end"
    if kind == t.NAME:
        return f"the name '{_short(value)}'"
    if kind in (t.DIGITS, t.NUMBER):
        return f"the number {_short(value)}"
    if kind == t.DURATION:
        return f"the duration {_short(value)}"
    if kind == t.STRING:
        return f"the text {_short(value)}"
    # As written: the value of `and` is `&&`.
    return f"'{_short(text[tokens.starts[at] : tokens.ends[at]])}'"


def _expected(tokens: Tokens, at: int, expected: frozenset[int], opened: list[int]) -> str:
    """What may stand at a token, in words."""
    words: list[str] = []
    if t.STRING in expected and t.NULL in expected:
        words.append("a value")
    elif t.DOLLAR in expected and len(expected) == 1:
        words.append("a member name")
    elif t.NAME in expected:
        before = tokens.kinds[at - 1] if at else t.END
        words.append({t.PIPE: "a function name", t.FILTER_PIPE: "a filter name"}.get(before, "a name"))
    if t.PLUS in expected:
        words.append("an operator")
    for kind in (t.COMMA, t.COLON):
        if kind in expected and _is_possible(kind, tokens, at, opened):
            words.append(_SHOWN[kind])
    # Look-ahead sets of LALR tables are joined over contexts: of the closing
    # brackets only the innermost open one's is really possible.
    if opened:
        closer = _CLOSER[tokens.kinds[opened[-1]]]
        if closer in expected:
            words.append(_SHOWN[closer])
    elif t.END in expected:
        words.append("the end")
    if not words:
        words.append("something else")
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def _is_possible(kind: int, tokens: Tokens, at: int, opened: list[int]) -> bool:
    """Whether a `,` or `:` makes sense where the tables would take one in some context."""
    innermost = tokens.kinds[opened[-1]] if opened else t.END
    if kind == t.COMMA:
        return innermost not in (t.END, t.DOLLAR)
    # A `?` of the innermost bracket waits for its `:`, or the key of a map does.
    first = opened[-1] + 1 if opened else 0
    depth = waiting = 0
    for passed in tokens.kinds[first:at]:
        if passed in _OPENING:
            depth += 1
        elif passed in _CLOSING:
            depth -= 1
        elif depth == 0 and passed == t.QUESTION:
            waiting += 1
        elif depth == 0 and passed == t.COLON:
            waiting -= 1
        elif depth == 0 and passed == t.COMMA:
            waiting = 0
    return waiting > 0 or (innermost == t.LBRACE and waiting == 0)


def _bad_token(text: str, start: int, end: int, stop: int) -> tuple[str, int, str | None]:
    """(found, end, hint) of a character or number that begins no token."""
    char = text[start]
    if char in "'\"":
        return (
            f"a {'single' if char == chr(39) else 'double'} quote without its partner",
            end,
            (f"close the text with another {char}, or write \\{char} for the character itself"),
        )
    if char in "0123456789.?":
        match = _NUMBER_RUN.match(text, start, stop)
        run = match.group() if match else text[start:end]
        if _DURATION_RUN.fullmatch(run):
            return f"'{_short(run)}'", start + len(run), f"one unit per duration; write duration('{_short(run)}')"
        if run[:2] in ("0x", "0X", "0o", "0b"):
            return f"'{_short(run)}'", start + len(run), "numbers are decimal"
        if "_" in run:
            return f"'{_short(run)}'", start + len(run), "leave the '_' out of the number"
        return f"'{_short(run)}'", max(end, start + len(run)), "put an operator between a number and a name"
    hints = {
        "&": "write '&&' or 'and'",
        "\u2018": "use straight quotes: '",
        "\u2019": "use straight quotes: '",
        "\u201c": 'use straight quotes: "',
        "\u201d": 'use straight quotes: "',
        "`": "texts stand in ' or \"",
        ";": "an expression ends without ';'",
        "#": "expressions have no comments",
        "$": "write '${' to begin an expression",
        "\u00a0": "this is a no-break space; use a plain one",
        "^": "use pow(base, exponent)",
        "\\": "a backslash has a meaning only in quoted texts",
        "\u2212": "use the plain minus '-'",
    }
    return f"'{char}'" if char.isprintable() else f"the character U+{ord(char):04X}", end, hints.get(char)


def _hint(tokens: Tokens, at: int, expected: frozenset[int], opened: list[int]) -> str | None:
    """What the author of a frequent mistake probably meant."""
    kind, value = tokens.kinds[at], tokens.values[at]
    previous = tokens.kinds[at - 1] if at else t.END
    wants_operand = t.STRING in expected and t.NULL in expected
    if kind == t.ASSIGN:
        if previous in (t.EQUALITY, t.RELATION, t.ASSIGN, t.BANG):
            return "the comparisons are == != < <= > >="
        return "compare with '=='; an expression cannot assign"
    if kind == t.NUMBER_STEP and wants_operand:
        return f"write 0{value} for the number"
    if kind == t.DOT and previous in (t.DIGITS, t.NUMBER):
        return "leave out the point, or write a digit after it"
    if previous in (t.DOT, t.GUARDED_DOT) and at > 1 and tokens.kinds[at - 2] in (t.DIGITS, t.NUMBER):
        return "leave out the point, or write a digit after it"
    if wants_operand:
        if kind == t.PLUS:
            return "there is no unary plus; leave it out"
        if kind == t.FACTOR and previous == t.FACTOR:
            return "use pow(base, exponent) or idiv(a, b)"
        if kind == t.RELATION and previous == t.RELATION:
            return "'not equal' is written '!='"
        if kind == t.NOT:
            return "write '!' here, or put 'not ...' in parentheses"
        if kind in (t.AND, t.OR) and previous in (t.AND, t.OR):
            return "the operator is written twice"
        if kind == t.COLON and t.GUARDED_LSQB in tokens.kinds:
            return "'?[' is a guarded index; put a space between '?' and '['"
        return None
    if kind == t.NAME:
        if value.lower() in _OPERATOR_WORDS:
            return f"write '{value.lower()}'; mixed case is a name"
        word = nearest(value.lower(), _OPERATOR_WORDS) if len(value) > 1 else None
        if word is not None:
            return f"did you mean '{word}'?"
        return {"is": "compare with '=='", "eq": "compare with '=='", "mod": "use '%'"}.get(value.lower())
    if kind == t.ARROW:
        return "a function is written 'x => ...' or '(a, b) => ...'; the comparison is '>='"
    if kind == t.COLON and t.GUARDED_LSQB in tokens.kinds:
        return "'?[' is a guarded index; put a space between '?' and '['"
    if kind in (t.PLUS, t.MINUS, t.FACTOR) and t.PIPE in tokens.kinds[:at]:
        return "put the part with '|' in parentheses"
    if kind == t.LPAR:
        return "only a function name can be called"
    if kind == t.RBRACE and not opened:
        return "no '${' or '{' is open here"
    if kind in (t.RPAR, t.RSQB) and not opened:
        return f"no '{'(' if kind == t.RPAR else '['}' is open here"
    return None
