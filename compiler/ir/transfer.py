"""Lowering of transfers: call, goto, return, branch, parallel (language 6.5, 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler.bytecode.program import Site
from abml.syntax import ast

from . import names
from .blocks import SLOT, Block, UnitIR

if TYPE_CHECKING:
    from .actions import Actions


def call(a: Actions, node: ast.CallFlow) -> None:
    b = a.b
    site = call_site(a, node.flow, node.args)
    result = b.into("CALLFLOW", site)
    if a.model.reads_result:
        b.emit("LOCALV", b.slot("_result"), result)
    if node.into is not None:
        from . import variables

        variables.assign_value(a, "set", node.into, result)


def goto(a: Actions, node: ast.Goto) -> None:
    a.b.end("GOTO", call_site(a, node.flow, node.args))


def call_site(a: Actions, flow: ast.FlowRef, args: list[ast.Argument]) -> int:
    """The site of a call or goto; its values are pushed."""
    b = a.b
    pushed: list[int] = []
    flags = set()
    unit = -1
    name = flow.name or ""
    if flow.dynamic is not None:
        flags.add("dynamic")
        pushed.append(a.value(flow.dynamic))
    else:
        found = a.model.resolve_flow(b.doc, name)
        if found is not None:
            unit = found
            name = a.model.flows[found].name
    target = None if unit < 0 else a.model.flows[unit].node
    for arg in args:
        pushed.append(a.value(a.typed(arg.value, _param_type(target, arg.name))))
    with b.at(flow.span):
        b.push(pushed)
    if a.model.reads_args:
        flags.add("args")
        b.slot("args")
    keys = tuple(arg.name for arg in args)
    slots = tuple(b.slot(key) - SLOT for key in keys)
    data = a.model.documents[b.doc].prefix if "dynamic" in flags else None
    return b.pool.site(Site("call", name, unit, keys, slots, len(pushed), frozenset(flags), data))


def _param_type(flow: ast.Flow | None, name: str) -> str | None:
    if flow is None:
        return None
    return next((names.type_text(p.type) for p in flow.params if p.name == name), None)


def return_(a: Actions, node: ast.Return) -> None:
    a.b.end("RET", a.optional(node.value))


def branch_to(a: Actions, node: ast.BranchTo) -> None:
    """A transfer to a channel's code: the fiber keeps its identity and is heard under that name too."""
    b = a.b
    name = node.channel.name
    if name is None:
        pushed = [a.value(_dynamic(node.channel))]
        with b.at(node.channel.span):
            b.push(pushed)
        prefix = a.model.documents[b.doc].prefix
        b.end("GOTO", b.pool.site(Site("call", "", -1, count=1, flags=frozenset({"branch", "dynamic"}), data=prefix)))
        return
    channel = a.model.resolve_channel(b.doc, name)
    flow = a.model.resolve_flow(b.doc, name)
    if channel is not None:
        target = a.model.channels[channel].name
        flags = frozenset({"branch"})
        b.end("GOTO", b.pool.site(Site("call", name, a.channel_unit(channel), flags=flags, data=target)))
    elif flow is not None:
        b.end("GOTO", b.pool.site(Site("call", name, flow)))
    else:
        b.end("RAISE", b.pool.constant("channel_not_found"), b.const(f"no channel named '{name}'"))


def _dynamic(ref: ast.FlowRef) -> ast.Expr:
    return ref.dynamic if ref.dynamic is not None else ast.Literal(ref.span, ref.name)


def parallel(a: Actions, node: ast.Parallel) -> None:
    """Every arm is a unit of its own, named as the flow it stands in.

    It returns true when a handler in it ends the flow without having settled its error.
    """
    b = a.b
    arms = []
    for arm in node.arms:
        unit = UnitIR("flow", b.unit.name, b.unit.document)
        arms.append(len(a.units))
        a.units.append(unit)
        a.inner(unit).arm(arm)
    is_over = b.into("PARALLEL", b.pool.site(Site("parallel", "", data=arms)))
    go_on = Block()
    b.jump("JF", go_on, is_over)
    a.stop()
    b.start(go_on)
