"""Expression trees back to text, in the canonical spelling and with the fewest parentheses.

Parsing the text gives the same tree again; texts for `${}` and messages, the
formatter and the round-trip tests come from here.
"""

from __future__ import annotations

import re

from abml.values import Duration

from . import ast

_LAMBDA, _CONDITIONAL, _COALESCE, _OR, _AND, _EQUALITY, _RELATION, _PIPED, _ADD, _MULTIPLY, _UNARY, _POSTFIX = range(12)
_BINARY_LEVELS = {
    "==": _EQUALITY,
    "!=": _EQUALITY,
    "<": _RELATION,
    "<=": _RELATION,
    ">": _RELATION,
    ">=": _RELATION,
    "in": _RELATION,
    "contains": _RELATION,
    "+": _ADD,
    "-": _ADD,
    "*": _MULTIPLY,
    "/": _MULTIPLY,
    "%": _MULTIPLY,
}
_LOGICAL_LEVELS = {"??": _COALESCE, "||": _OR, "&&": _AND}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNITS = ((86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"))


def expression_text(node: ast.Expr) -> str:
    """The canonical text of an expression, without a surrounding `${}`."""
    return _text(node, _LAMBDA)


def interpolated_text(node: ast.Interpolation) -> str:
    """The text of plain parts and `${}` that an interpolation without template was read from."""
    pieces: list[str] = []
    for part in node.parts:
        if isinstance(part, str):
            pieces.append(part.replace("${", "$${"))
            continue
        if pieces and pieces[-1].endswith("$"):
            # `$${` would be the two characters themselves.
            pieces[-1] = pieces[-1][:-1] + "${'$'}"
        pieces.append("${" + expression_text(part) + "}")
    return "".join(pieces)


def quoted(text: str) -> str:
    """A text literal: single quotes unless the text holds a single quote and no double one."""
    mark = '"' if "'" in text and '"' not in text else "'"
    escapes = {"\\": "\\\\", mark: "\\" + mark, "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    pieces = [mark]
    for char in text:
        if char in escapes:
            pieces.append(escapes[char])
        elif char < " " or "\x7f" <= char <= "\x9f":
            pieces.append(f"\\x{ord(char):02x}")
        else:
            pieces.append(char)
    pieces.append(mark)
    return "".join(pieces)


def duration_literal(value: Duration) -> str:
    """A duration with one unit: whole days, hours or minutes, else seconds or milliseconds."""
    micros = value.micros
    if micros and micros % 60_000_000 == 0:
        for size, unit in _UNITS:
            if micros % size == 0:
                return f"{micros // size}{unit}"
    return str(value)


def _text(node: ast.Expr, level: int) -> str:
    """The text of a node where the grammar expects at least the given level."""
    own, text = _print(node)
    return f"({text})" if own < level else text


def _print(node: ast.Expr) -> tuple[int, str]:
    """(level, text) of a node."""
    if isinstance(node, ast.Literal):
        return _literal(node)
    if isinstance(node, ast.Name):
        return _POSTFIX, node.name
    if isinstance(node, ast.Binary):
        return _binary(node)
    if isinstance(node, ast.Logical):
        return _logical(node)
    if isinstance(node, ast.Unary):
        return _UNARY, node.op + _text(node.operand, _UNARY)
    if isinstance(node, ast.Call):
        return _call(node)
    if isinstance(node, ast.Chain):
        return _POSTFIX, _print(node.body)[1]
    if isinstance(node, ast.Member | ast.Index | ast.MethodCall):
        return _POSTFIX, _step(node)
    if isinstance(node, ast.Conditional):
        condition, then = _text(node.condition, _COALESCE), _text(node.then, _LAMBDA)
        # A space before `[` keeps `? [` from being a guarded index.
        return _CONDITIONAL, f"{condition} ? {then} : {_text(node.otherwise, _LAMBDA)}"
    if isinstance(node, ast.Lambda):
        names = node.params[0] if len(node.params) == 1 else f"({', '.join(node.params)})"
        return _LAMBDA, f"{names} => {_text(node.body, _LAMBDA)}"
    if isinstance(node, ast.ListExpr):
        return _POSTFIX, "[" + ", ".join(_text(item, _LAMBDA) for item in node.items) + "]"
    if isinstance(node, ast.MapExpr):
        return _POSTFIX, _map(node)
    if isinstance(node, ast.Interpolation):
        return _ADD, _concatenation(node)
    raise TypeError(f"no expression: {type(node).__name__}")


def _literal(node: ast.Literal) -> tuple[int, str]:
    value = node.value
    if isinstance(value, str):
        return _POSTFIX, quoted(value)
    if value is None:
        return _POSTFIX, "null"
    if value is True:
        return _POSTFIX, "true"
    if value is False:
        return _POSTFIX, "false"
    text = duration_literal(value) if isinstance(value, Duration) else repr(value)
    return (_UNARY if text.startswith("-") else _POSTFIX), text


def _binary(node: ast.Binary) -> tuple[int, str]:
    level = _BINARY_LEVELS[node.op]
    # Comparisons do not chain, so both sides need a tighter level; `1 < 2 == x` is fine.
    left_level = level + 1 if level in (_EQUALITY, _RELATION) else level
    left = _text(node.left, left_level)
    if node.op in ("in", "contains") and isinstance(node.left, ast.Unary) and node.left.op == "!":
        left = f"({left})"
    return level, f"{left} {node.op} {_text(node.right, level + 1)}"


def _logical(node: ast.Logical) -> tuple[int, str]:
    level = _LOGICAL_LEVELS[node.op]
    sides: list[str] = []
    for side, side_level in ((node.left, level), (node.right, level + 1)):
        # Parentheses say that a comparison beside `??` is meant (ABML134).
        is_comparison = node.op == "??" and isinstance(side, ast.Binary) and _BINARY_LEVELS[side.op] <= _RELATION
        sides.append(_text(side, _POSTFIX if is_comparison else side_level))
    return level, f"{sides[0]} {node.op} {sides[1]}"


def _arguments(args: list[ast.Expr]) -> str:
    return "(" + ", ".join(_text(arg, _LAMBDA) for arg in args) + ")"


def _call(node: ast.Call) -> tuple[int, str]:
    if not node.piped:
        return _POSTFIX, node.name + _arguments(node.args)
    rest = node.args[1:]
    return _PIPED, f"{_text(node.args[0], _PIPED)} | {node.name}{_arguments(rest) if rest else ''}"


def _step(node: ast.Member | ast.Index | ast.MethodCall) -> str:
    target = _text(node.target, _POSTFIX)
    if isinstance(node.target, ast.Chain):
        # Parentheses end a chain.
        target = f"({target})"
    mark = "?" if node.guarded else ""
    if isinstance(node, ast.Index):
        return f"{target}{mark}[{_text(node.index, _LAMBDA)}]"
    if isinstance(node, ast.MethodCall):
        return f"{target}{mark}.{node.name}{_arguments(node.args)}"
    return f"{target}{mark}.{node.name}"


def _map(node: ast.MapExpr) -> str:
    entries: list[str] = []
    for key, value in node.entries:
        if isinstance(key, ast.Literal) and isinstance(key.value, str):
            name = key.value if _NAME.fullmatch(key.value) else quoted(key.value)
        else:
            name = f"[{_text(key, _LAMBDA)}]"
        entries.append(f"{name}: {_text(value, _LAMBDA)}")
    return "{" + ", ".join(entries) + "}"


def _concatenation(node: ast.Interpolation) -> str:
    """An interpolation inside an expression, where there is no `${}` text: a sum of texts."""
    parts = [quoted(part) if isinstance(part, str) else f"to_string({expression_text(part)})" for part in node.parts]
    if not parts or not isinstance(node.parts[0], str):
        parts.insert(0, "''")
    return " + ".join(parts)
