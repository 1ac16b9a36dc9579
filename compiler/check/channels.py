"""Checks of channels, signals and barriers (ABML701-703, 705-709)."""

from __future__ import annotations

from abml.diagnostics import Note
from abml.syntax import ast

from . import walk
from .facts import Bind, Body, Site
from .inspection import Inspection
from .scopes import find_cycles
from .symbols import reachable, started_by_host


def check_names(ins: Inspection) -> None:
    """ABML706 and ABML708: names shared with flows, channels that others go on with."""
    for info in ins.model.documents:
        for channel in info.node.channels.values():
            flow = info.node.flows.get(channel.name)
            if flow is not None:
                note = Note("the flow stands here", flow.name_span)
                ins.report(706, channel.name_span, name=channel.name, notes=(note,))
    for channel_info in ins.model.channels:
        if channel_info.continuation and channel_info.node.start is None and channel_info.doc == 0:
            ins.report(708, channel_info.node.name_span, name=channel_info.name)


def check_signals(ins: Inspection) -> None:
    """ABML701 and ABML702: waits for signals nobody sends, signals nobody awaits."""
    emitted: dict[str, list[Site]] = {}
    for site in ins.facts.sites:
        if isinstance(site.action, ast.Emit) and site.action.signal.name is not None:
            emitted.setdefault(site.action.signal.name, []).append(site)
    awaited: set[str] = set()
    dynamic_waits = False
    for site in ins.facts.sites:
        for address in walk.addresses(site.action):
            if address.signal is None:
                dynamic_waits = True
            else:
                awaited.add(address.signal)
                _check_address(ins, address, emitted)
    # Without channels a signal is a message to the host.
    if not ins.model.documents[0].channels or dynamic_waits or ins.fragment:
        return
    manifest = ins.environment.manifest
    outside = manifest.external_signals if manifest is not None else frozenset()
    for name, sites in emitted.items():
        if name not in awaited and name not in outside:
            emit = sites[0].action
            assert isinstance(emit, ast.Emit)
            ins.report(702, emit.signal.span, signal=name)


def _check_address(ins: Inspection, address: ast.Address, emitted: dict[str, list[Site]]) -> None:
    signal = address.signal or ""
    manifest = ins.environment.manifest
    if ins.facts.dynamic_signals or ins.fragment:
        return
    if address.channel is None:
        # A host may inject any signal; only a complete manifest says which.
        complete = manifest is not None and manifest.is_strict
        if complete and manifest is not None and signal not in emitted and signal not in manifest.external_signals:
            ins.report(701, address.span, signal=signal, **ins.near(address.span, signal, emitted))
        return
    senders = _senders(ins, address.channel)
    if not senders:
        return
    reached = {body for sender in senders for body in reachable(sender)}
    if any(body.dynamic for body in reached):
        return
    if any(site.body in reached for site in emitted.get(signal, ())):
        return
    own = {
        site.action.signal.name
        for body in reached
        for site in body.sites
        if isinstance(site.action, ast.Emit) and site.action.signal.name is not None
    }
    near = ins.near(address.span, signal, own)
    if signal in emitted:
        text = f"the channel '{address.channel}' never emits the signal '{signal}'"
        note = Note("it is emitted here", emitted[signal][0].action.span)
        ins.report(701, address.span, signal=signal, text=text, notes=(note,), **near)
    else:
        ins.report(701, address.span, signal=signal, **near)


def _senders(ins: Inspection, name: str) -> list[Body]:
    """The bodies that may run under a channel's name."""
    found = [ins.facts.channels[info.index] for info in ins.model.channels if info.node.name == name]
    index = ins.model.resolve_flow(0, name)
    if index is not None:
        found.append(ins.facts.flows[index])
    return found


def check_mutual_waits(ins: Inspection) -> None:
    """ABML703: started channels whose first waits need each other."""
    firsts: dict[str, tuple[Site, ast.WaitFor]] = {}
    before: dict[str, set[str]] = {}
    for info in ins.model.channels:
        body = ins.facts.channels[info.index]
        if not info.starts or body.dynamic:
            continue
        sent: set[str] = set()
        for site in body.sites:
            if site.parent is not None or site.role != "top":
                sent |= _emits(site.action)
                continue
            action = site.action
            if isinstance(action, ast.WaitFor) and action.when is None and action.on_error is None:
                if action.timeout is None and (action.mode == "all_of" or len(action.addresses) == 1):
                    firsts[info.node.name] = (site, action)
                break
            sent |= _emits(action)
            if isinstance(action, ast.CallFlow):
                edge = ins.facts.edge_of.get(id(action))
                if edge is not None:
                    sent |= {name for inner in reachable(edge.target) for s in inner.sites for name in _emits(s.action)}
            elif isinstance(action, walk.TERMINAL):
                break
        before[info.node.name] = sent
    _report_mutual(ins, firsts, before)


def _report_mutual(ins: Inspection, firsts: dict[str, tuple[Site, ast.WaitFor]], before: dict[str, set[str]]) -> None:
    graph: dict[str, list[str]] = {}
    for name, (_, action) in firsts.items():
        graph[name] = [
            address.channel
            for address in action.addresses
            if address.channel in firsts and address.signal not in before.get(address.channel or "", set())
            # A channel that waits for itself is in no circle with others, but blocks all the same.
        ]
    for cycle in find_cycles(graph):
        names = [*cycle, cycle[0]]
        notes = tuple(Note(f"'{name}' waits here", firsts[name][1].span) for name in cycle[1:])
        ins.report(703, firsts[cycle[0]][1].span, path=" -> ".join(names), notes=notes)


def _emits(action: ast.Action) -> set[str]:
    return {action.signal.name} if isinstance(action, ast.Emit) and action.signal.name is not None else set()


def check_barriers(ins: Inspection) -> None:
    """ABML705 and unknown participants of barriers."""
    if ins.fragment:
        return
    root = ins.model.documents[0]
    for site in ins.facts.sites:
        action = site.action
        if not isinstance(action, ast.Sync):
            continue
        if action.participants is not None:
            for name in action.participants:
                if name not in root.channels and name not in root.flows and ins.first("participant", name):
                    near = ins.nearest(name, root.channels)
                    ins.report(202, action.span, severity="warning", name=name, nearest=near)
            alone = len(set(action.participants)) < 2
        else:
            point = ins.model.sync_points[action.point]
            channels = len(point.channels)
            alone = channels < 2 and (channels == 1 or len(point.flows) < 2) and not ins.facts.dynamic_docs
        if alone and ins.first(705, action.point):
            ins.report(705, action.span, point=action.point)


def check_branches(ins: Inspection) -> None:
    """ABML707: a branch to a channel in code that no channel reaches."""
    if ins.fragment:
        return
    inside = {id(body) for channel in ins.facts.channels.values() for body in reachable(channel)}
    for body in ins.facts.bodies:
        if id(body) in inside:
            continue
        for edge in body.edges:
            if edge.kind == "branch" and edge.target.kind == "channel":
                ins.report(707, edge.site.action.span)


def check_shared_writes(ins: Inspection) -> None:
    """ABML709: assignments to document variables that stay in a channel."""
    if not ins.facts.channels:
        return
    channels = {id(body) for channel in ins.facts.channels.values() for body in reachable(channel)}
    others = {id(b) for root in started_by_host(ins.model, ins.facts) if root.kind == "flow" for b in reachable(root)}
    only = channels - others | {id(body) for body in ins.facts.channels.values()}
    private = {bind.name for bind in ins.facts.binds if bind.how in ("local", "loop", "param", "arg")}
    for bind in ins.facts.binds:
        if bind.how not in ("set", "result", "clear") or id(bind.body) not in only or bind.name in private:
            continue
        if bind.how == "clear" or not _is_document_variable(ins, bind):
            continue
        if ins.first(709, bind.body.index, bind.body.kind, bind.name):
            ins.report(709, bind.span, name=bind.name)


def _is_document_variable(ins: Inspection, bind: Bind) -> bool:
    for doc in {0, bind.doc}:
        variable = ins.model.documents[doc].variables.get(bind.name)
        if variable is not None and variable.kind != "computed" and not variable.readonly:
            return True
    return False
