"""Lowering of assignments (language 6.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler.bytecode.program import Site
from abml.syntax import ast

from . import loading, names

if TYPE_CHECKING:
    from .actions import Actions

_OPERATORS = {"+=": "ADD", "-=": "SUB", "*=": "MUL", "/=": "DIV"}


def assign(a: Actions, node: ast.Assign) -> None:
    b = a.b
    for item in node.assignments:
        with b.at(item.span):
            target = item.target
            if item.op != "=":
                right = a.value(item.value)
                value = b.into(_OPERATORS[item.op], read(a, target), right)
                assign_value(a, node.name, target, value)
                continue
            if target.steps:
                assign_value(a, node.name, target, a.value(item.value))
                continue
            wanted = a.typed(item.value, names.declared_type(a, target.name))
            register = names.destination(a, node.name, target.name)
            value = a.value(wanted, register)
            if value != register:
                names.write(a, node.name, target.name, value)
            loading.track(a, node.name, target.name, value)


def assign_value(a: Actions, kind: str, target: ast.Target, value: int) -> None:
    """Write a computed value to a name or path."""
    if target.steps:
        store(a, kind, target, value)
    else:
        names.write(a, kind, target.name, value)


def store(a: Actions, kind: str, target: ast.Target, value: int) -> None:
    """Write through a path: steps are pushed, the machine walks them."""
    b = a.b
    steps = a.values(target.steps)
    b.push(steps)
    site = Site("store", target.text or target.name, slots=names.store_slots(a, target.name), count=len(steps))
    with b.at(target.span):
        b.emit("STORE", b.pool.site(site._replace(flags=frozenset({kind}))), value)


def read(a: Actions, target: ast.Target) -> int:
    """The old value of a target; null where the path leads nowhere."""
    root: ast.Expr = ast.Name(target.span, target.name)
    if not target.steps:
        return a.value(root)
    node = root
    for step in target.steps:
        if isinstance(step, ast.Literal) and isinstance(step.value, str):
            node = ast.Member(step.span, node, step.value, guarded=True)
        else:
            node = ast.Index(step.span, node, step, guarded=True)
    return a.value(ast.Chain(target.span, node))


def increment(a: Actions, node: ast.Increment) -> None:
    b = a.b
    old = read(a, node.target)
    by = a.optional(node.by, 1)
    op = "INC" if node.name == "increment" else "DEC"
    register = None if node.target.steps else names.destination(a, "set", node.target.name)
    value = b.into(op, old, by, to=register)
    if value != register:
        assign_value(a, "set", node.target, value)


def clear(a: Actions, node: ast.Clear) -> None:
    if node.target.steps:
        store(a, "clear", node.target, a.b.const(None))
        return
    loading.track(a, "set", node.target.name, a.b.const(None))
    _, library = names.store_slots(a, node.target.name)
    b = a.b
    if library >= 0:
        b.emit("SETL", b.slot(node.target.name), b.const(None), names.library_slot(a, b.doc, node.target.name))
    else:
        b.emit("CLEARV", b.slot(node.target.name))


def state_update(a: Actions, node: ast.StateUpdate) -> None:
    if node.value is not None:
        value = a.value(node.value)
    else:
        value = a.b.const(1 if node.operation in ("increment", "decrement") else None)
    kind = "state" if node.operation == "set" else node.operation
    store(a, kind, node.target, value)
