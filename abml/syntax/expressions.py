"""Expressions: texts of expression fields and of `${}` to AST (language reference section 4)."""

from __future__ import annotations

from typing import Any

from abml.diagnostics import Fix, Reporter
from abml.source import Span
from abml.values import INT_MAX, parse_duration

from . import _expression_tables as tables
from . import ast
from .lalr import Failure, Grammar, Tokens
from .lexer import KEYWORDS, PATH, TOO_DEEP, BadEscape, scan, unquote
from .places import Place, span_maker

MAX_DEPTH = 100
"""Default of the limit `max_expression_depth`."""

# Characters of an expression that is shown in a better form. It also bounds the
# depth of the tree, which is printed by recursion before its depth is checked.
_LONGEST_SUGGESTION = 120
_EQUALITY = ("==", "!=")
_RELATIONS = ("<", "<=", ">", ">=", "in", "contains")
_BLANKS = " \t\r\n"


class TreeBuilder:
    """Reads the expressions of one text: the methods the parse tables call, and their state.

    One object serves all `${}` of a text, so that its position is looked up
    once. Not shared between threads.

    Attributes:
        text: the whole text that offsets refer to.
        span: (start, end) offsets to a `Span`.
        reporter: gets what is wrong.
        max_depth: most levels of nesting.
        syntax_code: 130, or 140 inside templates.
        failed: an error was reported for the expression being read.
    """

    __slots__ = ("failed", "groups", "lambdas", "max_depth", "reporter", "span", "syntax_code", "text")

    def __init__(self, text: str, place: Place, reporter: Reporter, max_depth: int = MAX_DEPTH) -> None:
        self.text = text
        self.span = span_maker(place, len(text))
        self.reporter = reporter
        self.max_depth = max_depth
        self.syntax_code = 130
        self.failed = False
        # Parenthesised nodes by identity; the tree itself does not keep parentheses.
        self.groups: dict[int, ast.Expr] = {}
        # Lambdas not yet seen as an argument.
        self.lambdas: list[ast.Lambda] = []

    def read(self, symbol: str, start: int, end: int, what: str = "expression") -> Any:
        """What the grammar's start symbol makes of `text[start:end]`, or None after reporting an error.

        Args:
            symbol: a start symbol of the grammar, for example "expression".
            what: names the thing in messages.
        """
        text = self.text
        if not text[start:end].strip(_BLANKS):
            self.reporter.report(132, self.span(start, end), what=what)
            return None
        if symbol == "expression":
            match = PATH.fullmatch(text, start, end)
            if match is not None and match[1] not in KEYWORDS and len(match[2]) < self.max_depth:
                self.failed = False
                return self._path(match.start(1), match[1], match[2])
        return self.read_tokens(symbol, scan(text, start, end, self.max_depth), what)

    def _path(self, start: int, name: str, steps: str) -> ast.Expr:
        """What the grammar makes of `name.step.step`; every second expression is no more than that."""
        end = start + len(name)
        node: ast.Expr = ast.Name(self.span(start, end), name)
        for step in steps.split(".")[1:]:
            end += len(step) + 1
            node = ast.Member(self.span(start, end), node, step, False, self.span(end - len(step), end))
        return node

    def read_tokens(self, symbol: str, tokens: Tokens, what: str = "expression") -> Any:
        """Like `read` for a text that is scanned already."""
        self.failed = False
        if self.groups or self.lambdas:
            self.groups.clear()
            self.lambdas.clear()
        result = _GRAMMAR.parse(symbol, tokens, self)
        if type(result) is Failure:
            if tokens.kinds[result.token] == TOO_DEEP:
                self._report_depth(tokens.starts[0], tokens.ends[result.token])
            else:
                from .expression_errors import report_failure

                report_failure(self, tokens, result, what)
            return None
        for node in self.lambdas:
            self.error(136, node.span)
        # A tree is never deeper than its tokens are many, so short texts need no look.
        if len(tokens.kinds) > self.max_depth and isinstance(result, ast.Expr) and not self.failed:
            self._check_depth(result)
        return None if self.failed else result

    def error(self, code: int, span: Span, **fields: Any) -> None:
        """Report an error; the expression being read then has no result."""
        self.failed = True
        self.reporter.report(code, span, **fields)

    def _check_depth(self, node: ast.Expr) -> None:
        from .walk import depths

        nesting, height = depths(node)
        # Long flat chains are fine, but later stages recurse along them.
        if nesting > self.max_depth or height > 2 * self.max_depth:
            self.error(139, node.span, limit=self.max_depth)

    def _report_depth(self, start: int, end: int) -> None:
        self.error(139, self.span(start, end), limit=self.max_depth)

    # Lists of things.

    def on_first(self, start: int, end: int, item: Any) -> list[Any]:
        return [item]

    def on_more(self, start: int, end: int, items: list[Any], comma: str, item: Any) -> list[Any]:
        items.append(item)
        return items

    # Literals and names.

    def on_null(self, start: int, end: int, text: str) -> ast.Expr:
        return ast.Literal(self.span(start, end), None)

    def on_true(self, start: int, end: int, text: str) -> ast.Expr:
        return ast.Literal(self.span(start, end), True)

    def on_false(self, start: int, end: int, text: str) -> ast.Expr:
        return ast.Literal(self.span(start, end), False)

    def on_digits(self, start: int, end: int, text: str) -> ast.Expr:
        if len(text) < 19:
            return ast.Literal(self.span(start, end), int(text))
        # Beyond the int range a literal is the nearest float, as the result of an addition would be.
        exact = int(text) if len(text) < 400 else INT_MAX + 1
        return ast.Literal(self.span(start, end), exact) if exact <= INT_MAX else self.on_number(start, end, text)

    def on_number(self, start: int, end: int, text: str) -> ast.Expr:
        value = float(text)
        if value == float("inf"):
            self.error(
                self.syntax_code,
                self.span(start, end),
                text="the number is too large",
                hint="the largest number is about 1.8e308",
            )
        return ast.Literal(self.span(start, end), value)

    def on_duration(self, start: int, end: int, text: str) -> ast.Expr:
        if "e" in text or "E" in text:
            text = _plain_duration(text)
        return ast.Literal(self.span(start, end), parse_duration(text))

    def on_string(self, start: int, end: int, quoted: str) -> ast.Expr:
        if "\\" not in quoted:
            return ast.Literal(self.span(start, end), quoted[1:-1])
        return ast.Literal(self.span(start, end), self._unquote(start, quoted))

    def _unquote(self, start: int, quoted: str) -> str:
        try:
            return unquote(quoted)
        except BadEscape as bad:
            self.error(
                self.syntax_code,
                self.span(start + bad.start, start + bad.end),
                text=f"'{quoted[bad.start : bad.end]}' names no character",
                hint="write '\\u{H...}' with a number up to 10FFFF that is no surrogate",
            )
            return ""

    def on_name(self, start: int, end: int, name: str) -> ast.Expr:
        return ast.Name(self.span(start, end), name)

    def on_group(self, start: int, end: int, opening: str, inner: ast.Expr, closing: str) -> ast.Expr:
        self.groups[id(inner)] = inner
        return inner

    def on_empty_list(self, start: int, end: int, *_: Any) -> ast.Expr:
        return ast.ListExpr(self.span(start, end), [])

    def on_list(self, start: int, end: int, opening: str, items: list[ast.Expr], *_: Any) -> ast.Expr:
        return ast.ListExpr(self.span(start, end), items)

    def on_empty_map(self, start: int, end: int, *_: Any) -> ast.Expr:
        return ast.MapExpr(self.span(start, end), [])

    def on_map(self, start: int, end: int, opening: str, entries: list[Any], *_: Any) -> ast.Expr:
        return ast.MapExpr(self.span(start, end), entries)

    def on_entry(self, start: int, end: int, key: ast.Expr, colon: str, value: ast.Expr) -> tuple[ast.Expr, ast.Expr]:
        return key, value

    def on_key_name(self, start: int, end: int, name: str) -> ast.Expr:
        # The source, not the token's value: `AND` is a key of three capitals.
        return ast.Literal(self.span(start, end), self.text[start:end])

    def on_key_string(self, start: int, end: int, quoted: str) -> ast.Expr:
        return ast.Literal(self.span(start, end), self._unquote(start, quoted))

    def on_key_computed(self, start: int, end: int, opening: str, key: ast.Expr, closing: str) -> ast.Expr:
        return key

    # Steps.

    def on_member(self, start: int, end: int, target: ast.Expr, step: str) -> ast.Expr:
        guarded, name = _split_step(step)
        open_chain = type(target) is ast.Chain and id(target) not in self.groups
        span = self.span(start, end)
        inner = target.body if open_chain else target  # type: ignore[attr-defined]  # a Chain, see above
        node = ast.Member(span, inner, name, guarded, self.span(end - len(name), end))
        return ast.Chain(span, node) if guarded or open_chain else node

    def _index(self, start: int, end: int, target: ast.Expr, index: ast.Expr, guarded: bool) -> ast.Expr:
        open_chain = type(target) is ast.Chain and id(target) not in self.groups
        span = self.span(start, end)
        inner = target.body if open_chain else target  # type: ignore[attr-defined]  # a Chain, see above
        node = ast.Index(span, inner, index, guarded)
        return ast.Chain(span, node) if guarded or open_chain else node

    def on_index(self, start: int, end: int, target: ast.Expr, opening: str, index: ast.Expr, closing: str) -> ast.Expr:
        return self._index(start, end, target, index, False)

    def on_guarded_index(
        self, start: int, end: int, target: ast.Expr, opening: str, index: ast.Expr, closing: str
    ) -> ast.Expr:
        return self._index(start, end, target, index, True)

    def on_number_step(self, start: int, end: int, target: ast.Expr, step: str) -> ast.Expr:
        guarded, digits = _split_step(step)
        return self._index(start, end, target, self.on_digits(end - len(digits), end, digits), guarded)

    def on_computed_step(
        self, start: int, end: int, target: ast.Expr, dot: str, opening: str, index: ast.Expr, closing: str
    ) -> ast.Expr:
        return self._index(start, end, target, index, False)

    def on_guarded_computed_step(
        self, start: int, end: int, target: ast.Expr, dot: str, opening: str, index: ast.Expr, closing: str
    ) -> ast.Expr:
        return self._index(start, end, target, index, True)

    # Calls.

    def on_call(self, start: int, end: int, name: str, *_: Any) -> ast.Expr:
        return ast.Call(self.span(start, end), name, [], False, self.span(start, start + len(name)))

    def on_call_with(self, start: int, end: int, name: str, opening: str, args: list[Any], closing: str) -> ast.Expr:
        if self.lambdas:
            self._accept_lambdas(name, args, 0)
        return ast.Call(self.span(start, end), name, args, False, self.span(start, start + len(name)))

    def on_located(self, start: int, end: int, name: str) -> tuple[str, Span]:
        return name, self.span(start, end)

    def on_pipe(self, start: int, end: int, value: ast.Expr, pipe: str, named: tuple[str, Span], *_: Any) -> ast.Expr:
        return ast.Call(self.span(start, end), named[0], [value], True, named[1])

    def on_pipe_call(
        self,
        start: int,
        end: int,
        value: ast.Expr,
        pipe: str,
        named: tuple[str, Span],
        opening: str,
        args: list[Any],
        closing: str,
    ) -> ast.Expr:
        if self.lambdas:
            self._accept_lambdas(named[0], args, 1)
        return ast.Call(self.span(start, end), named[0], [value, *args], True, named[1])

    def on_located_step(self, start: int, end: int, step: str, opening: str) -> tuple[str, Span, bool]:
        guarded, name = _split_step(step)
        start += len(step)
        return name, self.span(start - len(name), start), guarded

    def on_method(
        self, start: int, end: int, target: ast.Expr, named: tuple[str, Span, bool], closing: str
    ) -> ast.Expr:
        return self.on_method_call(start, end, target, named, [], closing)

    def on_method_call(
        self,
        start: int,
        end: int,
        target: ast.Expr,
        named: tuple[str, Span, bool],
        args: list[ast.Expr],
        closing: str,
    ) -> ast.Expr:
        name, name_span, guarded = named
        if self.lambdas:
            self._accept_lambdas(name, args, 1)
        open_chain = type(target) is ast.Chain and id(target) not in self.groups
        span = self.span(start, end)
        inner = target.body if open_chain else target  # type: ignore[attr-defined]  # a Chain, see above
        node = ast.MethodCall(span, inner, name, args, guarded, name_span)
        return ast.Chain(span, node) if guarded or open_chain else node

    def _accept_lambdas(self, function: str, args: list[ast.Expr], before: int) -> None:
        """Strike the lambdas among the arguments that the function takes off the list of misplaced ones."""
        from abml.builtins import find_builtin

        spec = find_builtin(function)
        if spec is None:
            return
        taken = [args[at - before] for at in spec.takes_function if 0 <= at - before < len(args)]
        self.lambdas = [node for node in self.lambdas if not any(node is arg for arg in taken)]

    def on_lambda_one(self, start: int, end: int, name: str, arrow: str, body: ast.Expr) -> ast.Expr:
        return self._lambda(start, end, [name], body)

    def on_lambda_none(self, start: int, end: int, opening: str, closing: str, arrow: str, body: ast.Expr) -> ast.Expr:
        return self._lambda(start, end, [], body)

    def on_lambda_many(
        self, start: int, end: int, opening: str, names: list[str], closing: str, arrow: str, body: ast.Expr
    ) -> ast.Expr:
        return self._lambda(start, end, names, body)

    def _lambda(self, start: int, end: int, names: list[str], body: ast.Expr) -> ast.Expr:
        node = ast.Lambda(self.span(start, end), names, body)
        self.lambdas.append(node)
        return node

    # Operators.

    def on_negative(self, start: int, end: int, sign: str, operand: ast.Expr) -> ast.Expr:
        span = self.span(start, end)
        # The smallest int has no positive counterpart, so its literal is a float by now.
        if type(operand) is ast.Literal and operand.value == INT_MAX + 1 and type(operand.value) is float:
            if self.text[start + 1 : end].strip(_BLANKS).lstrip("0") == str(INT_MAX + 1):
                return ast.Literal(span, -INT_MAX - 1)
        return ast.Unary(span, "-", operand)

    def on_bang(self, start: int, end: int, sign: str, operand: ast.Expr) -> ast.Expr:
        return ast.Unary(self.span(start, end), "!", operand)

    def on_not(self, start: int, end: int, word: str, operand: ast.Expr) -> ast.Expr:
        return ast.Unary(self.span(start, end), "!", operand)

    def on_binary(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> ast.Expr:
        return ast.Binary(self.span(start, end), op, left, right)

    def on_logical(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> ast.Expr:
        return ast.Logical(self.span(start, end), op, left, right)

    def on_comparison(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> ast.Expr:
        if type(left) is ast.Binary or type(left) is ast.Unary:
            self._check_chain(start, end, left, op, right)
        return ast.Binary(self.span(start, end), op, left, right)

    def on_membership(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> ast.Expr:
        bangs = 0
        if type(left) is ast.Binary or type(left) is ast.Unary:
            self._check_chain(start, end, left, op, right)
            # After an error nobody sees the tree, and a refused chain has no `!` to find.
            while not self.failed and type(left) is ast.Unary and left.op == "!" and id(left) not in self.groups:
                left = left.operand
                bangs += 1
        if not bangs:
            return ast.Binary(self.span(start, end), op, left, right)
        return self._negated_membership(start, end, bangs, left, op, right)

    def on_not_in(self, start: int, end: int, left: ast.Expr, word: str, op: str, right: ast.Expr) -> ast.Expr:
        return ast.Unary(self.span(start, end), "!", self.on_membership(start, end, left, op, right))

    def _negated_membership(
        self, start: int, end: int, bangs: int, left: ast.Expr, op: str, right: ast.Expr
    ) -> ast.Expr:
        """`!x in y` means `!(x in y)`, whatever the precedence of `!` says."""
        text = self.text
        offsets: list[int] = []
        at = start
        while len(offsets) < bangs:
            if text[at] == "!":
                offsets.append(at)
            at += 1
        while text[at] in _BLANKS:
            at += 1
        node: ast.Expr = ast.Binary(self.span(at, end), op, left, right)
        for offset in reversed(offsets):
            node = ast.Unary(self.span(offset, end), "!", node)
        if end - start > _LONGEST_SUGGESTION:
            self.reporter.report(138, node.span)
        else:
            better = f"{'!' * bangs}({text[at:end]})"
            self.reporter.report(138, node.span, suggestion=better, fix=Fix(node.span, better))
        return node

    def _check_chain(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> None:
        """Refuse a comparison whose left operand is an unparenthesised comparison of the same level."""
        if id(left) in self.groups or self.failed:
            return
        inner = left
        if type(left) is ast.Unary and left.op == "!":
            # `x not in y` and the like; `!(x in y)` has parentheses.
            inner = left.operand
            if id(inner) in self.groups:
                return
        if type(inner) is not ast.Binary or inner.op not in (_EQUALITY if op in _EQUALITY else _RELATIONS):
            return
        better = None
        if end - start <= _LONGEST_SUGGESTION:
            from .expression_printer import expression_text

            second = expression_text(ast.Binary(right.span, op, inner.right, right))
            better = f"{expression_text(left)} && {second}"
        self.error(133, self.span(start, end), suggestion=better)

    def on_coalesce(self, start: int, end: int, left: ast.Expr, op: str, right: ast.Expr) -> ast.Expr:
        span = self.span(start, end)
        for side in (left, right):
            if type(side) is ast.Binary and side.op in _COMPARISONS and id(side) not in self.groups:
                self._warn_coalesce(span, left, right, side, end - start <= _LONGEST_SUGGESTION)
        return ast.Logical(span, "??", left, right)

    def _warn_coalesce(self, span: Span, left: ast.Expr, right: ast.Expr, side: ast.Binary, is_short: bool) -> None:
        text = better = None
        if side is right:
            moved = ast.Binary(span, side.op, ast.Logical(span, "??", left, side.left), side.right)
        else:
            moved = ast.Binary(span, side.op, side.left, ast.Logical(span, "??", side.right, right))
            text = f"'{side.op}' binds tighter than '??', so the default replaces the whole comparison"
        if is_short:
            from .expression_printer import expression_text

            better = expression_text(moved)
        self.reporter.report(134, span, text=text, operator=side.op, suggestion=better)

    def on_conditional(
        self,
        start: int,
        end: int,
        condition: ast.Expr,
        question: str,
        then: ast.Expr,
        colon: str,
        otherwise: ast.Expr,
    ) -> ast.Expr:
        return ast.Conditional(self.span(start, end), condition, then, otherwise)

    # The parts of template tags: see template.lark and `templates.py`.

    def on_filtered(
        self, start: int, end: int, value: Any, pipe: str, item: ast.TemplateFilter
    ) -> tuple[ast.Expr, list[ast.TemplateFilter]]:
        if type(value) is tuple:
            value[1].append(item)
            return value
        return value, [item]

    def on_filter(self, start: int, end: int, name: str, *_: Any) -> ast.TemplateFilter:
        return self.on_filter_values(start, end, name, "", [])

    def on_filter_call(
        self, start: int, end: int, name: str, opening: str, args: list[ast.Expr], closing: str
    ) -> ast.TemplateFilter:
        if self.lambdas:
            self._accept_lambdas(name, args, 1)
        return self.on_filter_values(start, end, name, "", args)

    def on_filter_values(self, start: int, end: int, name: str, colon: str, args: list[ast.Expr]) -> ast.TemplateFilter:
        from abml.builtins import filter_names, find_filter

        if find_filter(name) is None:
            from abml.renaming import renaming
            from abml.suggest import nearest

            span = self.span(start, start + len(name))
            near = nearest(name.lower(), filter_names())
            fix = renaming(self.reporter.source, span, name, near, filter_names())
            self.error(141, span, name=name, nearest=near, fix=fix)
        return ast.TemplateFilter(self.span(start, end), name.lower(), args)

    def on_assign(self, start: int, end: int, name: str, sign: str, value: Any) -> tuple[str, Any]:
        return name, value

    def on_for(
        self, start: int, end: int, name: str, word: str, collection: ast.Expr, options: dict[str, Any]
    ) -> tuple[str, ast.Expr, dict[str, Any]]:
        return name, collection, options

    def on_nothing(self, start: int, end: int) -> dict[str, Any]:
        return {}

    def on_for_option(
        self, start: int, end: int, options: dict[str, Any], word: str, colon: str, value: ast.Expr
    ) -> dict[str, Any]:
        options[word] = value
        return options

    def on_for_reversed(self, start: int, end: int, options: dict[str, Any], word: str) -> dict[str, Any]:
        options[word] = True
        return options


_COMPARISONS = _EQUALITY + _RELATIONS
_GRAMMAR = Grammar(tables, TreeBuilder)


def _split_step(step: str) -> tuple[bool, str]:
    """(guarded, name) of a `.name` or `?.name` token."""
    guarded = step[0] == "?"
    name = step[2:] if guarded else step[1:]
    return guarded, name.lstrip(_BLANKS) if name[0] in _BLANKS else name


def _plain_duration(text: str) -> str:
    """A duration literal without its exponent."""
    from decimal import Decimal, InvalidOperation

    digits = text.rstrip("mshd")
    unit = text[len(digits) :]
    try:
        number = Decimal(digits)
        # Anything beyond these bounds is the longest duration or nothing at all.
        exponent = number.adjusted() if number else 0
    except InvalidOperation:
        exponent = -99 if "-" in digits else 99
        number = Decimal(0)
    if exponent > 30:
        return "1" + "0" * 30 + unit
    if exponent < -30:
        return "0" + unit
    return f"{number:f}{unit}"


def parse_expression(
    text: str,
    place: Place,
    reporter: Reporter,
    max_depth: int = MAX_DEPTH,
    *,
    what: str = "expression",
) -> ast.Expr | None:
    """Read the text of an expression field.

    `${ e }` around or inside it is a parenthesised sub-expression.

    Args:
        text: the decoded text of the scalar.
        place: maps offsets in `text` to spans.
        reporter: gets ABML130 to 134, 136, 138 and 139.
        max_depth: most levels of nesting.
        what: names the field in messages, for example "condition".

    Returns:
        The tree, or None when an error was reported.
    """
    result: ast.Expr | None = TreeBuilder(text, place, reporter, max_depth).read("expression", 0, len(text), what)
    return result
