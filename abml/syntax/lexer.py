"""The scanner of expressions: one regular expression and the context rules of language reference 4.1."""

from __future__ import annotations

import re

from . import _expression_tables as t
from .lalr import Tokens

# One match is one token with the blanks before it. The quantifiers that could
# give back characters are possessive, so every pattern is linear.
_TOKEN = re.compile(
    r"""[ \t\r\n]*+(?:
    ([A-Za-z_][A-Za-z0-9_]*+)                                                            # 1 name
  | (\??\.[ \t\r\n]*+[A-Za-z_][A-Za-z0-9_]*+(?:-[A-Za-z_][A-Za-z0-9_]*+)*+)              # 2 .member
  | ((?:[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?:(?:ms|[smhd])(?![A-Za-z0-9_]))?)   # 3 number or duration
  | ('[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")                            # 4 text
  | (\((?=[ \t\r\n]*+(?:[A-Za-z_][A-Za-z0-9_]*+[ \t\r\n]*+
        (?:,[ \t\r\n]*+[A-Za-z_][A-Za-z0-9_]*+[ \t\r\n]*+)*+)?\)[ \t\r\n]*+=>))          # 5 ( of a lambda
  | (\??\.[ \t\r\n]*+[0-9]++)                                                            # 6 .7
  | (\$\{|\|\||&&|\?\?|\?\.|\?\[|=>|==|!=|<=|>=|[()\[\]{},:?<>|+\-*/%!.=])               # 7 sign
  | (.)                                                                                  # 8 anything else
    )""",
    re.VERBOSE | re.DOTALL,
)

# An expression of one of these words is a keyword token with this value.
_WORDS: dict[str, tuple[int, str]] = {
    "null": (t.NULL, "null"),
    "true": (t.TRUE, "true"),
    "false": (t.FALSE, "false"),
    "in": (t.IN, "in"),
    "IN": (t.IN, "in"),
    "not": (t.NOT, "not"),
    "NOT": (t.NOT, "not"),
    "and": (t.AND, "&&"),
    "AND": (t.AND, "&&"),
    "or": (t.OR, "||"),
    "OR": (t.OR, "||"),
    "contains": (t.CONTAINS, "contains"),
}
KEYWORDS = frozenset(_WORDS) - {"contains"}
"""Words that are no name where an expression begins."""

PATH = re.compile(
    r"[ \t\r\n]*+([A-Za-z_][A-Za-z0-9_]*+)((?:\.[A-Za-z_][A-Za-z0-9_]*+)*+)[ \t\r\n]*+",
)
"""A whole expression that is a name and plain steps, in the groups 1 and 2: what `scan` takes apart the same way."""

_SIGNS: dict[str, int] = {
    "(": t.LPAR,
    "[": t.LSQB,
    "?[": t.GUARDED_LSQB,
    "{": t.LBRACE,
    "${": t.DOLLAR,
    ")": t.RPAR,
    "]": t.RSQB,
    "}": t.RBRACE,
    ",": t.COMMA,
    ":": t.COLON,
    "=>": t.ARROW,
    "?": t.QUESTION,
    "??": t.COALESCE,
    "||": t.OR,
    "&&": t.AND,
    "==": t.EQUALITY,
    "!=": t.EQUALITY,
    "<": t.RELATION,
    "<=": t.RELATION,
    ">": t.RELATION,
    ">=": t.RELATION,
    "|": t.PIPE,
    "+": t.PLUS,
    "-": t.MINUS,
    "*": t.FACTOR,
    "/": t.FACTOR,
    "%": t.FACTOR,
    "!": t.BANG,
    ".": t.DOT,
    "?.": t.GUARDED_DOT,
    "=": t.ASSIGN,
}
_LAST_OPENING = t.DOLLAR
_LAST_CLOSING = t.RBRACE
OPERAND_ENDS = frozenset(
    (t.NAME, t.STEP, t.NUMBER_STEP, t.DIGITS, t.NUMBER, t.DURATION, t.STRING)
    + (t.NULL, t.TRUE, t.FALSE, t.RPAR, t.RSQB, t.RBRACE)
)
"""Kinds an operand may end with; only behind them `contains` is an operator."""

_NAME_START = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_BLANKS = " \t\r\n"

BAD = -1
"""Kind of a character that begins no token; scanning stops there."""

TOO_DEEP = -2
"""Kind of the bracket that exceeds the allowed nesting; scanning stops there."""


def scan(text: str, start: int, end: int, max_depth: int) -> Tokens:
    """Split `text[start:end]` into tokens.

    The list ends with END. A last token before it of kind `BAD` or `TOO_DEEP`
    says why scanning stopped; it is a syntax error wherever it stands.

    Args:
        max_depth: how many brackets may be open at once.
    """
    tokens = Tokens()
    add_kind, add_start = tokens.kinds.append, tokens.starts.append
    add_end, add_value = tokens.ends.append, tokens.values.append
    words, signs, operand_ends = _WORDS.get, _SIGNS.get, OPERAND_ENDS
    while end > start and text[end - 1] in _BLANKS:
        end -= 1
    depth = 0
    kind = 0
    for match in _TOKEN.finditer(text, start, end):
        group = match.lastindex or 0
        value = match[group]
        if group == 1:
            word = words(value)
            if word is None or (word[0] == t.CONTAINS and kind not in operand_ends):
                kind = t.NAME
            else:
                kind, value = word
        elif group == 7:
            kind = signs(value, BAD)
            if kind <= _LAST_OPENING:
                depth += 1
                if depth > max_depth:
                    kind = TOO_DEEP
            elif kind <= _LAST_CLOSING:
                depth -= 1
        elif group == 2:
            kind = t.STEP
        elif group == 3:
            stop = match.end()
            last = value[-1]
            if last >= "a":
                kind = t.DURATION
            elif stop < end and text[stop] in _NAME_START:
                kind = BAD
            else:
                kind = t.DIGITS if value.isdigit() else t.NUMBER
        elif group == 4:
            kind = t.STRING
        elif group == 6:
            stop = match.end()
            kind = BAD if stop < end and text[stop] in _NAME_START else t.NUMBER_STEP
        elif group == 5:
            kind = t.LAMBDA_OPEN
            depth += 1
            if depth > max_depth:
                kind = TOO_DEEP
        else:
            kind = BAD
        add_kind(kind)
        add_start(match.start(group))
        add_end(match.end())
        add_value(value)
        if kind < 0:
            break
    add_kind(t.END)
    add_start(end)
    add_end(end)
    add_value("")
    return tokens


_BRACE = re.compile(
    r"""[{}]|'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"|['"]""",
    re.DOTALL,
)


def find_close(text: str, start: int, end: int) -> tuple[int, int]:
    """The brace that closes a `${` whose content begins at `start`.

    Nested braces are counted, quoted texts skipped.

    Returns:
        (offset of the brace or -1, offset of a quote that is never closed or -1).
    """
    depth = 0
    for match in _BRACE.finditer(text, start, end):
        sign = match.group()
        if sign == "{":
            depth += 1
        elif sign == "}":
            if depth == 0:
                return match.start(), -1
            depth -= 1
        elif len(sign) == 1:
            return -1, match.start()
    return -1, -1


_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]++)\}|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


class BadEscape(Exception):
    """An escape names no character. `start` and `end` are offsets in the quoted text."""

    def __init__(self, start: int, end: int) -> None:
        super().__init__(start, end)
        self.start = start
        self.end = end


def unquote(quoted: str) -> str:
    """The text that a quoted text with its quotes stands for.

    Raises:
        BadEscape: `\\u` names a surrogate half or a number beyond Unicode. Two
            escapes that form a surrogate pair are one character.
    """
    body = quoted[1:-1]
    if "\\" not in body:
        return body
    parts: list[str] = []
    at = 0
    pending = None
    for match in _ESCAPE.finditer(body):
        if pending is not None and match.start() != at:
            raise BadEscape(pending + 1, at + 1)
        parts.append(body[at : match.start()])
        at = match.end()
        digits = match[1] or match[2] or match[3]
        if digits is None:
            letter = match[4]
            if pending is not None:
                raise BadEscape(pending + 1, match.start() + 1)
            parts.append(_PLAIN_ESCAPES.get(letter, letter))
            continue
        code = int(digits, 16) if len(digits) <= 8 else 0x110000
        if pending is not None:
            if not 0xDC00 <= code <= 0xDFFF:
                raise BadEscape(pending + 1, match.start() + 1)
            high = int(body[pending + 2 : pending + 6], 16)
            code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            pending = None
        elif 0xD800 <= code <= 0xDBFF and match[2]:
            pending = match.start()
            continue
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise BadEscape(match.start() + 1, match.end() + 1)
        parts.append(chr(code))
    if pending is not None:
        raise BadEscape(pending + 1, at + 1)
    parts.append(body[at:])
    return "".join(parts)
