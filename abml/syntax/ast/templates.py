"""Nodes of templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.source import Span
from abml.syntax.nodes import Node

if TYPE_CHECKING:
    from .expressions import Expr


class TemplateNode(Node):
    span: Span


class TemplateText(TemplateNode):
    text: str


class TemplateOutput(TemplateNode):
    """`{{ value | filters }}`: null is empty. `interpolation`: it was `${}`, null is `null`."""

    value: Expr
    filters: list[TemplateFilter]
    interpolation: bool = False


class TemplateFilter(TemplateNode):
    name: str
    args: list[Expr]


class TemplateIf(TemplateNode):
    """if/elsif/else, unless (`negate` on its branch) and case/when, already lowered to conditions."""

    branches: list[tuple[Expr, list[TemplateNode]]]
    otherwise: list[TemplateNode]


class TemplateCase(TemplateNode):
    value: Expr
    branches: list[tuple[list[Expr], list[TemplateNode]]]
    otherwise: list[TemplateNode]


class TemplateFor(TemplateNode):
    variable: str
    collection: Expr
    limit: Expr | None
    offset: Expr | None
    reversed: bool
    body: list[TemplateNode]
    otherwise: list[TemplateNode]


class TemplateLoopControl(TemplateNode):
    """`break` or `continue`."""

    kind: str


class TemplateAssign(TemplateNode):
    name: str
    value: Expr
    filters: list[TemplateFilter]


class TemplateCapture(TemplateNode):
    name: str
    body: list[TemplateNode]


class Template(TemplateNode):
    nodes: list[TemplateNode]
