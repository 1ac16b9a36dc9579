"""Lowering of templates (language 5): a text builder, filled by ordinary code.

Names that a template assigns live in registers for the rest of the template;
each starts with what the name means outside, so that an assignment in a branch
not taken changes nothing. An output that raises is empty and warns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from abml.builtins import FilterSpec, find_builtin, find_filter
from abml.diagnostics import Reporter
from abml.source import Source
from abml.syntax import ast
from abml.syntax.places import TextPlace
from abml.syntax.templates import parse_template

from . import names
from .blocks import Block
from .computed import Computed

if TYPE_CHECKING:
    from .expressions import Expressions


def parse_literal(node: ast.Literal) -> ast.Template | None:
    """The template in a literal text, None when it is no text or malformed."""
    if not isinstance(node.value, str):
        return None
    source = Source(node.value)
    reporter = Reporter(source)
    template = parse_template(node.value, TextPlace(source), reporter)
    return None if reporter.has_errors else template


def lower(e: Expressions, template: ast.Template) -> int:
    """Code that renders a template; the operand that holds its text."""
    b = e.b
    before = dict(b.lexical)
    for name in sorted(set(_assigned(template.nodes))):
        outside, is_open = names.read(e, name)
        register = b.new()
        b.emit("PFIN" if is_open else "MOV", register, outside)
        b.lexical[name] = register
    builder = b.into("TBNEW")
    _nodes(e, template.nodes, builder, None)
    b.lexical = before
    return b.into("TBEND", builder)


def _assigned(nodes: list[ast.TemplateNode]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.TemplateAssign):
            yield node.name
        elif isinstance(node, ast.TemplateCapture):
            yield node.name
            yield from _assigned(node.body)
        elif isinstance(node, ast.TemplateIf | ast.TemplateCase):
            for _, body in node.branches:
                yield from _assigned(body)
            yield from _assigned(node.otherwise)
        elif isinstance(node, ast.TemplateFor):
            yield from _assigned(node.body)
            yield from _assigned(node.otherwise)


Exits = tuple[Block, Block] | None


def _nodes(e: Expressions, nodes: list[ast.TemplateNode], builder: int, exits: Exits) -> None:
    for node in nodes:
        with e.b.at(node.span):
            _node(e, node, builder, exits)


def _node(e: Expressions, node: ast.TemplateNode, builder: int, exits: Exits) -> None:
    b = e.b
    if isinstance(node, ast.TemplateText):
        b.emit("TBADD", builder, b.const(node.text), 0)
    elif isinstance(node, ast.TemplateOutput):
        value = _guarded(e, node.value, node.filters, "")
        b.emit("TBADD", builder, value, 1 if node.interpolation else 0)
    elif isinstance(node, ast.TemplateIf):
        after = Block()
        for condition, body in node.branches:
            following = Block()
            b.jump("JF", following, _guarded(e, condition, [], None))
            _nodes(e, body, builder, exits)
            b.jump("JMP", after)
            b.start(following)
        _nodes(e, node.otherwise, builder, exits)
        b.start(after)
    elif isinstance(node, ast.TemplateCase):
        _case(e, node, builder, exits)
    elif isinstance(node, ast.TemplateFor):
        _for(e, node, builder)
    elif isinstance(node, ast.TemplateLoopControl):
        if exits is not None:
            b.jump("JMP", exits[0] if node.kind == "break" else exits[1])
    elif isinstance(node, ast.TemplateAssign):
        b.move(b.lexical[node.name], _guarded(e, node.value, node.filters, None))
    elif isinstance(node, ast.TemplateCapture):
        inner = b.into("TBNEW")
        _nodes(e, node.body, inner, exits)
        b.emit("TBEND", b.lexical[node.name], inner)


def _guarded(e: Expressions, node: ast.Expr, filters: list[ast.TemplateFilter], instead: str | None) -> int:
    """A value whose failure is a warning and gives `instead`."""
    b = e.b
    register = b.new()
    with b.substitute(register, instead, warn=True):
        value = e.value(node)
        for item in filters:
            value = _filter(e, item, value)
        b.move(register, value)
    return register


def _filter(e: Expressions, node: ast.TemplateFilter, value: int) -> int:
    b = e.b
    arguments = [value]
    for i, arg in enumerate(node.args):
        if isinstance(arg, ast.Lambda):
            spec = find_builtin(node.name)
            if spec is not None and i + 1 in spec.takes_function:
                held: list[ast.Expr] = [Computed(node.span, value), *node.args]
                return e.apply(node.name, held, node.span)
        arguments.append(e.value(arg))
    with b.at(node.span):
        b.push(arguments)
        # Filters that only templates have, or that differ there, are functions named `|name`.
        spec_filter = find_filter(node.name)
        name = "|" + spec_filter.name if isinstance(spec_filter, FilterSpec) else node.name
        unit = e.model.resolve_function(b.doc, node.name)
        ref = b.pool.function(name) if unit is None else b.pool.function(name, len(e.model.flows) + unit)
        return b.into("CALLF", ref, len(arguments))


def _case(e: Expressions, node: ast.TemplateCase, builder: int, exits: Exits) -> None:
    b = e.b
    subject = _guarded(e, node.value, [], None)
    after = Block()
    for values, body in node.branches:
        hit, following = Block(), Block()
        for value in values:
            with b.at(value.span):
                b.jump("JEQ", hit, subject, _guarded(e, value, [], None))
        b.jump("JMP", following)
        b.start(hit)
        _nodes(e, body, builder, exits)
        b.jump("JMP", after)
        b.start(following)
    _nodes(e, node.otherwise, builder, exits)
    b.start(after)


def _for(e: Expressions, node: ast.TemplateFor, builder: int) -> None:
    b = e.b
    null = b.const(None)
    items = b.new()
    with b.substitute(items, None, warn=True):
        collection = e.value(node.collection)
        limit = null if node.limit is None else e.value(node.limit)
        offset = null if node.offset is None else e.value(node.offset)
        b.push([collection, limit, offset, b.const(node.reversed)])
        b.move(items, b.into("CALLF", b.pool.function("|items"), 4))
    ref = b.pool.function("for")
    iterator = b.into("ITERL", items, ref)
    again, leave, empty = Block(), Block(), Block()
    length = _length(e, items)
    b.jump("JF", empty, length)
    b.start(again)
    element = b.new()
    b.emit("NEXT", iterator, element, 0, leave)
    b.start()
    before = dict(b.lexical)
    b.lexical[node.variable] = element
    index = b.into("INDEX", iterator)
    loop = b.into("MAP")
    one = b.const(1)
    number = b.into("ADD", index, one)
    for key, value in (
        ("index", number),
        ("index0", index),
        ("first", b.into("EQ", index, b.const(0))),
        ("last", b.into("EQ", number, length)),
        ("length", length),
    ):
        b.emit("PUT", loop, b.const(key), value)
    b.lexical["forloop"] = loop
    _nodes(e, node.body, builder, (leave, again))
    b.lexical = before
    b.jump("JMP", again)
    b.start(empty)
    _nodes(e, node.otherwise, builder, None)
    b.start(leave)


def _length(e: Expressions, items: int) -> int:
    """How many elements a list has; 0 for null."""
    b = e.b
    length = b.new()
    after = Block()
    b.move(length, b.const(0))
    b.jump("JNULL", after, items)
    b.emit("GETM", length, items, b.pool.constant("length"))
    b.start(after)
    return length
