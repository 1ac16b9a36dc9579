"""Channels as documents declare them: which start, who takes part in a barrier, where `branch` leads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from abml.syntax import ast
from abml.syntax.nodes import Node

from .expressions import evaluate, to_text
from .faults import FlowGoto, ReferenceFault
from .instance import Frame, FrameNames, Instance
from .scopes import Scope

Body = tuple[Instance, ast.Flow]


def channel_body(instance: Instance, channel: ast.Channel) -> Body:
    """The code of a channel, as the flow it amounts to."""
    if channel.flow is not None:
        found = instance.flow(channel.flow.name or "")
        if found is None:
            raise ReferenceFault("flow_not_found", f"no flow '{channel.flow.name}'")
        return found
    assert channel.actions is not None
    cached = instance.channel_flows.get(channel.name)
    if cached is None:
        cached = ast.Flow(channel.span, channel.name, channel.name_span, channel.actions, on_error=channel.on_error)
        instance.channel_flows[channel.name] = cached
    return instance, cached


def find_channel(instance: Instance, name: str) -> tuple[Instance, ast.Channel] | None:
    """A channel of the document, else one of the root."""
    for owner in (instance, instance.program.root):
        channel = owner.document.channels.get(name)
        if channel is not None:
            return owner, channel
    return None


def branch_target(reference: ast.FlowRef, frame: Frame, scope: Scope) -> FlowGoto:
    """Where a `branch` leads, as the transfer to raise."""
    name = reference.name
    if name is None:
        assert reference.dynamic is not None
        name = to_text(evaluate(reference.dynamic, FrameNames(frame, scope)))
    found = find_channel(frame.instance, name)
    if found is not None:
        return FlowGoto(channel_body(*found), {}, code=found[1].name)
    flow = frame.instance.flow(name)
    if flow is None:
        raise ReferenceFault("channel_not_found", f"no channel '{name}'")
    return FlowGoto(flow, {})


# ------------------------------------------------------------------ what starts


def nodes(node: Any) -> Iterator[Node]:
    """A tree's nodes, however they are held."""
    if isinstance(node, Node):
        yield node
        for name in node.node_fields():
            if name != "span":
                yield from nodes(getattr(node, name))
    elif isinstance(node, list | tuple):
        for item in node:
            yield from nodes(item)
    elif isinstance(node, dict):
        for item in node.values():
            yield from nodes(item)


def started_channels(document: ast.Document) -> list[ast.Channel]:
    """The channels that start when the document's channels start, in order."""
    targets = {handler.handler.name for handler in document.events}
    for node in nodes([list(document.flows.values()), list(document.channels.values())]):
        if isinstance(node, ast.BranchTo):
            targets.add(node.channel.name)
        elif isinstance(node, ast.WaitFor | ast.Sync) and isinstance(node.on_timeout, ast.FlowRef):
            targets.add(node.on_timeout.name)
    return [
        channel
        for channel in document.channels.values()
        if channel.start == "auto" or (channel.start is None and channel.name not in targets)
    ]


# --------------------------------------------------------------------- barriers


def mentions(body: Body) -> set[str]:
    """The barriers that code mentions, itself or in what it refers to literally."""
    found: set[str] = set()
    seen: set[int] = set()
    pending = [body]
    while pending:
        instance, flow = pending.pop()
        if id(flow) in seen:
            continue
        seen.add(id(flow))
        for node in nodes([flow.actions, flow.on_error]):
            if isinstance(node, ast.Sync):
                found.add(node.point)
            pending += _referred(instance, node)
    return found


def _referred(instance: Instance, node: Node) -> list[Body]:
    reference: Any = None
    if isinstance(node, ast.CallFlow | ast.Goto):
        reference = node.flow
    elif isinstance(node, ast.BranchTo):
        reference = node.channel
    elif isinstance(node, ast.ContinuationPoint):
        reference = node.default_flow
    elif isinstance(node, ast.WaitFor | ast.Sync):
        reference = node.on_timeout
    if not isinstance(reference, ast.FlowRef) or reference.name is None:
        return []
    if not isinstance(node, ast.CallFlow | ast.Goto | ast.ContinuationPoint):
        channel = find_channel(instance, reference.name)
        if channel is not None:
            return [channel_body(*channel)]
    flow = instance.flow(reference.name)
    return [] if flow is None else [flow]
