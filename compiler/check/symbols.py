"""Symbols: the tables of the model, filled from the documents and the facts."""

from __future__ import annotations

from abml.compiler.model import (
    ChannelInfo,
    ContextVariable,
    DocumentInfo,
    FlowInfo,
    FunctionInfo,
    GoalInfo,
    Model,
    SyncPoint,
)
from abml.loader import DocumentSet
from abml.syntax import ast

from .facts import Body, Facts

#: Flows that the lifecycle of brains starts (language 1.8).
LIFECYCLE = ("start", "on_initialize", "on_initialized", "on_tick", "on_stop", "main")

_TIMED = frozenset(("cutscene", "timeline"))


def build_model(docset: DocumentSet) -> Model:
    """The model with its tables of documents, flows, functions, channels and goals."""
    model = Model([])
    for loaded in docset.documents:
        doc = DocumentInfo(loaded.index, loaded.path, loaded.document, loaded.prefix, dict(loaded.aliases))
        model.documents.append(doc)
        for variable in loaded.document.variables.values():
            doc.variables[variable.name] = _variable(loaded.index, variable)
        for binding in loaded.document.bindings:
            doc.bindings.setdefault(binding.name, binding)
    for doc in model.documents:
        for flow in doc.node.flows.values():
            doc.flows[flow.name] = len(model.flows)
            model.flows.append(FlowInfo(len(model.flows), doc.prefix + flow.name, doc.index, flow))
        for function in doc.node.functions.values():
            doc.functions.setdefault(function.name.lower(), len(model.functions))
            model.functions.append(FunctionInfo(len(model.functions), doc.prefix + function.name, doc.index, function))
        for channel in doc.node.channels.values():
            doc.channels[channel.name] = len(model.channels)
            model.channels.append(
                ChannelInfo(len(model.channels), doc.prefix + channel.name, doc.index, channel, starts=False)
            )
        for goal in doc.node.goals.values():
            doc.goals[goal.name] = len(model.goals)
            model.goals.append(GoalInfo(len(model.goals), doc.prefix + goal.name, doc.index, goal))
    for info in model.channels:
        if info.node.flow is not None and info.node.flow.name is not None:
            info.flow = model.resolve_flow(info.doc, info.node.flow.name)
    _choose_entry(model)
    return model


def _variable(doc: int, node: ast.Variable) -> ContextVariable:
    kind = "computed" if node.computed is not None else "source" if node.source is not None else "plain"
    return ContextVariable(node.name, doc, kind, node.type, node.readonly, node)


def _choose_entry(model: Model) -> None:
    """Apply the entry rules of language 1.8 to the root document."""
    root = model.documents[0]
    node = root.node
    if node.on_error is not None and node.on_error.name is not None:
        model.error_handler = model.resolve_flow(0, node.on_error.name)
    chosen: int | None = None
    rule = 8
    if node.entry is not None and node.entry.name is not None:
        chosen, rule = model.resolve_flow(0, node.entry.name), 2
    elif node.channels and (node.metadata.type in _TIMED or not node.flows):
        rule = 3
    else:
        for number, name in ((4, "main"), (5, "start"), (6, "on_tick")):
            if name in root.flows:
                chosen, rule = root.flows[name], number
                break
        else:
            for flow in node.flows.values():
                if not flow.triggers and flow.goap is None:
                    chosen, rule = root.flows[flow.name], 7
                    break
    model.entry, model.entry_by = chosen, rule
    model.tick_entry = None if rule == 7 else chosen


def complete_model(model: Model, facts: Facts) -> None:
    """Fill what follows from the facts: names, continuations, barriers, continuation points."""
    model.global_targets = frozenset(bind.name for bind in facts.binds if bind.how == "global")
    model.snapshots = frozenset(bind.name for bind in facts.binds if bind.how == "snapshot")
    model.reads = frozenset(read.node.name for read in facts.reads)
    model.uses_render = any(call.node.name.lower() == "render" for call in facts.calls)
    _mark_continuations(model, facts)
    for site in facts.sites:
        action = site.action
        if isinstance(action, ast.ContinuationPoint):
            model.continuation_points.setdefault(action.point, action)
    mentions = sync_mentions(facts)
    for body in facts.bodies:
        for name in sorted(mentions[body]):
            point = model.sync_points.setdefault(name, SyncPoint(name))
            (point.channels if body.kind == "channel" else point.flows).append(body.index)


def _mark_continuations(model: Model, facts: Facts) -> None:
    """Find the channels that other code goes on with; they do not start by themselves (language 7.2)."""
    targets: set[int] = set()
    for body in facts.bodies:
        for edge in body.edges:
            if edge.target.kind == "channel" and edge.kind in ("branch", "either"):
                targets.add(edge.target.index)
    for doc in model.documents:
        for event in doc.node.events:
            if event.handler.name is not None and doc.flows.get(event.handler.name) is None:
                index = model.resolve_channel(doc.index, event.handler.name)
                if index is not None:
                    targets.add(index)
    for info in model.channels:
        info.continuation = info.index in targets
        if info.doc == 0:
            info.starts = info.node.start == "auto" or (info.node.start is None and not info.continuation)


def reachable(body: Body) -> list[Body]:
    """A body and every body its code leads to, in order of discovery."""
    found = [body]
    seen = {id(body)}
    for current in found:
        for edge in current.edges:
            if edge.kind != "event" and id(edge.target) not in seen:
                seen.add(id(edge.target))
                found.append(edge.target)
    return found


def sync_mentions(facts: Facts) -> dict[Body, set[str]]:
    """Barrier names mentioned by each body, directly or in what it refers to literally."""
    own = {
        body: {site.action.point for site in body.sites if isinstance(site.action, ast.Sync)} for body in facts.bodies
    }
    if not any(own.values()):
        return own
    return {body: set().union(*(own[reached] for reached in reachable(body))) for body in facts.bodies}


def started_by_host(model: Model, facts: Facts) -> set[Body]:
    """Bodies that a host, an event, a trigger or the planner can start a run with.

    A flow that nothing refers to counts, because then only the host can mean it.
    """
    roots: set[Body] = set()
    for body in facts.bodies:
        node = body.node
        if isinstance(node, ast.Channel) or node.triggers or node.goap is not None or not body.callers:
            roots.add(body)
        if node.name in LIFECYCLE or node.name.startswith("on_"):
            roots.add(body)
    if model.entry is not None:
        roots.add(facts.flows[model.entry])
    for doc in model.documents:
        for event in doc.node.events:
            if event.handler.name is not None:
                index = model.resolve_flow(doc.index, event.handler.name)
                if index is not None:
                    roots.add(facts.flows[index])
    for body in facts.bodies:
        for edge in body.edges:
            if edge.kind == "event" or (
                edge.source.kind == "channel" and edge.site.role == "top" and not edge.source.sites
            ):
                roots.add(edge.target)
    return roots
