"""Nodes of expressions: everything that has a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.source import Span
from abml.syntax.nodes import Node, field

if TYPE_CHECKING:
    from .templates import Template


class Expr(Node):
    """Base of everything that has a value."""

    span: Span


class Literal(Expr):
    """A constant: None, bool, int, float, str or `abml.values.Duration`.

    Attributes:
        raw: the text as written when a *string* scalar of a value field was read
            as number, bool or null (language 0.4 rule 4); a target declared
            `string` takes `raw` instead of `value`. None otherwise.
        bare: True for a text literal that came from a value field without `${}`
            (so that ABML135 can look at it).
    """

    value: Any
    raw: str | None = None
    bare: bool = False


class Name(Expr):
    """A name, resolved by language 4.3."""

    name: str


class Member(Expr):
    """`target.name`; `guarded` for `?.`. `hyphen`: the name contains a joined `-`."""

    target: Expr
    name: str
    guarded: bool = False
    name_span: Span | None = None


class Index(Expr):
    """`target[index]`, also the steps `.7` and `.${e}`; `guarded` for `?[`."""

    target: Expr
    index: Expr
    guarded: bool = False


class Chain(Expr):
    """A postfix chain with at least one guarded step.

    When a guarded step meets null, the whole chain up to this node is null.
    Parentheses end a chain: `(a?.b).c` is a `Member` over a `Chain`.
    """

    body: Expr


class Call(Expr):
    """`name(args)`, and `x | name(args)` with x as first argument (`piped`)."""

    name: str
    args: list[Expr]
    piped: bool = False
    name_span: Span | None = None


class MethodCall(Expr):
    """`target.name(args)`: `name(target, args)`, or a function of an import alias."""

    target: Expr
    name: str
    args: list[Expr]
    guarded: bool = False
    name_span: Span | None = None


class Lambda(Expr):
    """`x => body`; only ever an argument."""

    params: list[str]
    body: Expr


class Unary(Expr):
    """op is `-` or `!` (`not` is `!`)."""

    op: str
    operand: Expr


class Binary(Expr):
    """op is one of `+ - * / % == != < <= > >= in contains`.

    `x not in y` is `Unary('!', Binary('in', x, y))`. `contains` keeps its order
    of evaluation: left is the container.
    """

    op: str
    left: Expr
    right: Expr


class Logical(Expr):
    """op is `&&`, `||` (both give a bool) or `??`."""

    op: str
    left: Expr
    right: Expr


class Conditional(Expr):
    condition: Expr
    then: Expr
    otherwise: Expr


class ListExpr(Expr):
    items: list[Expr]


class MapExpr(Expr):
    """Keys are expressions; a plain key is a `Literal` string. Later keys win."""

    entries: list[tuple[Expr, Expr]]


class Interpolation(Expr):
    """Text with `${}` (parts are str or Expr) and, in text fields, `{{ }}`/`{% %}`.

    The value is a string, always. A part that is an `Expr` becomes text by
    language 3.6 with null as `null`. `template` is set instead of plain parts
    when the text has `{{` or `{%` and stands in a text field: then `parts` is
    empty and the template's own nodes hold everything, `${}` included.

    Attributes:
        sources: for every Expr in `parts`, its text as written with `${` and
            `}`; `log` shows it when the expression raises. Same length as
            `parts`, None for the str parts.
    """

    parts: list[str | Expr]
    template: Template | None = None
    sources: list[str | None] = field(default_factory=list)
