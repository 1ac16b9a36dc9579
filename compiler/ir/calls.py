"""Lowering of function calls and of lambdas, which become loops (language 4.5 to 4.7).

A function that takes a function never meets one at run time: the loop computes
the list of results in bytecode, under the instruction budget and suspendable
like any code, and `CALLH` combines list and results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.builtins import find_builtin
from abml.source import Span
from abml.syntax import ast

from . import templates
from .blocks import Block
from .computed import Computed

if TYPE_CHECKING:
    from .expressions import Expressions

# These stop at the first element that decides: jump on the truth of the result.
_DECISIVE = {"find": "JT", "any": "JT", "all": "JF", "none": "JT"}
_FAST = {"min": "MIN", "max": "MAX"}


def call(e: Expressions, node: ast.Call, to: int | None = None) -> int:
    """`name(args)` and `x | name(args)`."""
    return apply(e, node.name, node.args, node.span, e.model.resolve_function(e.b.doc, node.name), to)


def method(e: Expressions, node: ast.MethodCall, to: int | None = None) -> int:
    """`target.name(args)`, or the function of an imported document."""
    target = node.target
    if (
        isinstance(target, ast.Name)
        and target.name not in e.b.lexical
        and not e.model.is_shadowed(e.b.doc, target.name)
    ):
        imported = e.model.resolve_function(e.b.doc, node.name, target.name)
        if imported is not None:
            return apply(e, node.name, node.args, node.span, imported, to)
    if node.guarded:
        operand, is_open = e.step(target)
        if is_open:
            operand = e.b.into("PFIN", operand)
        e.guard(operand, True)
        target = Computed(node.span, operand)
    unit = e.model.resolve_function(e.b.doc, node.name)
    return apply(e, node.name, [target, *node.args], node.span, unit, to)


def _value(e: Expressions, node: ast.Expr) -> int:
    return node.operand if isinstance(node, Computed) else e.value(node)


def apply(e: Expressions, name: str, args: list[ast.Expr], span: Span, unit: int | None, to: int | None) -> int:
    """A call with its arguments; `unit` is the document function, if there is one."""
    b = e.b
    spec = None if unit is not None else find_builtin(name)
    if spec is not None:
        if any(isinstance(args[i], ast.Lambda) for i in spec.takes_function if i < len(args)):
            return _higher_order(e, spec.name, spec.takes_function, args, span)
        if spec.name == "render" and len(args) == 1 and isinstance(args[0], ast.Literal):
            parsed = templates.parse_literal(args[0])
            if parsed is not None:
                return templates.lower(e, parsed)
        if spec.name in _FAST and len(args) == 2:
            operands = [_value(e, arg) for arg in args]
            with b.at(span):
                return b.into(_FAST[spec.name], operands[0], operands[1], to=to)
    operands = [_value(e, arg) for arg in args]
    with b.at(span):
        b.push(operands)
        # A host function is found under the name as written, a built-in under its own.
        ref = b.pool.function(name) if unit is None else b.pool.function(name, _unit_number(e, unit))
        return b.into("CALLF", ref, len(operands), to=to)


def _unit_number(e: Expressions, function: int) -> int:
    """Units of document functions follow those of the flows."""
    return len(e.model.flows) + function


def _higher_order(e: Expressions, name: str, takes: tuple[int, ...], args: list[ast.Expr], span: Span) -> int:
    if name == "reduce":
        return _reduce(e, name, args, span)
    b = e.b
    items = _value(e, args[0])
    pushed: list[int] = [items]
    for i, arg in enumerate(args[1:], 1):
        if i in takes and isinstance(arg, ast.Lambda):
            pushed.append(_results(e, name, items, arg, span))
        else:
            pushed.append(_value(e, arg))
    with b.at(span):
        b.push(pushed)
        return b.into("CALLH", b.pool.function(name), len(pushed))


def _results(e: Expressions, name: str, items: int, function: ast.Lambda, span: Span) -> int:
    """The list of what a lambda gives for the elements of a list."""
    b = e.b
    ref = b.pool.function(name)
    results = b.into("LIST")
    with b.at(span):
        iterator = b.into("ITERL", items, ref)
    again, leave = Block(), Block()
    b.start(again)
    element = b.new()
    b.emit("NEXT", iterator, element, 0, leave)
    b.start()
    result = _body(e, function, [element, iterator])
    b.emit("APPEND", results, result)
    decisive = _DECISIVE.get(name)
    if decisive is not None:
        b.jump(decisive, leave, result)
    b.jump("JMP", again)
    b.start(leave)
    return results


def _body(e: Expressions, function: ast.Lambda, arguments: list[int]) -> int:
    """The body with its parameters bound; the last argument is the iterator, for the index."""
    b = e.b
    before = dict(b.lexical)
    for i, name in enumerate(function.params):
        if i < len(arguments) - 1:
            b.lexical[name] = arguments[i]
        elif i == len(arguments) - 1:
            b.lexical[name] = b.into("INDEX", arguments[i])
        else:
            b.lexical[name] = b.const(None)
    result = e.value(function.body)
    b.lexical = before
    return result


def _reduce(e: Expressions, name: str, args: list[ast.Expr], span: Span) -> int:
    """reduce(list, f, init): the accumulator lives in a register."""
    b = e.b
    function = args[1]
    if not isinstance(function, ast.Lambda):
        raise TypeError("reduce without a lambda is an ordinary call")
    items = _value(e, args[0])
    result = b.new()
    if len(args) > 2:
        b.move(result, _value(e, args[2]))
    else:
        b.move(result, b.const(None))
    with b.at(span):
        iterator = b.into("ITERL", items, b.pool.function(name))
    again, leave = Block(), Block()
    b.start(again)
    element = b.new()
    b.emit("NEXT", iterator, element, 0, leave)
    b.start()
    b.move(result, _body(e, function, [result, element, iterator]))
    b.jump("JMP", again)
    b.start(leave)
    return result
