"""Checks of references and control flow (ABML201, 202, 207-210, 215-219, 224, 228, 229, 807)."""

from __future__ import annotations

from collections.abc import Iterator

from abml.diagnostics import Note
from abml.source import Span
from abml.syntax import ast

from . import walk
from .facts import Body, Site
from .gather import result_spec
from .inspection import Inspection
from .scopes import find_cycles
from .symbols import LIFECYCLE


def check_references(ins: Inspection) -> None:
    """ABML201, 202, 215 and 217: references that name nothing."""
    if ins.fragment:
        return
    for place, kind, ref, doc in ins.facts.unresolved:
        _report_missing(ins, place, kind, ref, doc)
    for info in ins.model.documents:
        node = info.node
        for event in node.events:
            name = event.handler.name
            if name is not None:
                if ins.model.resolve_flow(info.index, name) is None and name not in info.channels:
                    _report_missing(ins, "handler", "either", event.handler, info.index)
                elif name not in info.flows:
                    _note_use(ins, info.index, name)
        for code, named in ((215, node.entry), (217, node.on_error)):
            if named is not None and named.name is not None and not _broken(ins, info.index, named.name):
                if ins.model.resolve_flow(info.index, named.name) is None:
                    near = ins.near(named.span, named.name, _flow_names(ins, info.index))
                    ins.report(code, named.span, name=named.name, **near)
                else:
                    _note_use(ins, info.index, named.name)
    _check_addresses(ins)


def _note_use(ins: Inspection, doc: int, name: str) -> None:
    if "." in name:
        ins.facts.used_aliases.add((doc, name.split(".")[0]))


def _report_missing(ins: Inspection, place: str, kind: str, ref: ast.FlowRef, doc: int) -> None:
    name = ref.name or ""
    if _broken(ins, doc, name):
        return
    flows = _flow_names(ins, doc)
    channels = [*ins.model.documents[doc].channels, *ins.model.documents[0].channels]
    if kind == "branch":
        ins.report(202, ref.span, name=name, **ins.near(ref.span, name, [*channels, *flows]))
        return
    candidates = [*flows, *channels] if kind == "either" else flows
    ins.report(201, ref.span, name=name, place=place, **ins.near(ref.span, name, candidates))


def _broken(ins: Inspection, doc: int, name: str) -> bool:
    """Whether a reference goes through an import that could not be loaded."""
    for alias in name.split(".")[:-1]:
        if alias in ins.docset.documents[doc].broken:
            return True
        target = ins.model.documents[doc].aliases.get(alias)
        if target is None:
            return False
        doc = target
    return False


def _flow_names(ins: Inspection, doc: int) -> list[str]:
    info = ins.model.documents[doc]
    names = list(info.flows)
    for alias, target in info.aliases.items():
        names += [f"{alias}.{name}" for name in ins.model.documents[target].flows]
    return names


def _check_addresses(ins: Inspection) -> None:
    """ABML202 for `@channel.signal`; a host may start flows as channels, so their names count."""
    root = ins.model.documents[0]
    for site in ins.facts.sites:
        info = ins.model.documents[site.body.doc]
        for address in walk.addresses(site.action):
            name = address.channel
            if name is None or name in info.channels or name in root.channels:
                continue
            if name in info.flows or ins.model.resolve_flow(0, name) is not None:
                continue
            near = ins.near(address.span, name, [*info.channels, *root.channels])
            ins.report(202, address.span, name=name, **near)


def check_entry(ins: Inspection) -> None:
    """ABML216: the entry was chosen because nothing else starts it."""
    if ins.model.entry_by == 7 and ins.model.entry is not None and not ins.fragment:
        flow = ins.model.flows[ins.model.entry].node
        ins.report(216, flow.name_span, name=flow.name)


def check_unused(ins: Inspection) -> None:
    """ABML207 and ABML208 for flows, ABML224 for imports."""
    for body in ins.facts.bodies:
        node = body.node
        if isinstance(node, ast.Flow) and not node.actions.items and not ins.has_error(node.span):
            ins.report(208, node.name_span, name=node.name)
    if ins.fragment:
        return
    root = ins.model.documents[0]
    # Without an entry of its own the document is a library, whose flows others call.
    is_library = ins.model.entry_by >= 7 and not root.node.channels and not root.node.events
    if not is_library and 0 not in ins.facts.dynamic_docs:
        handlers = {event.handler.name for event in root.node.events}
        handlers.add(root.node.on_error.name if root.node.on_error is not None else None)
        for body in ins.facts.bodies:
            node = body.node
            if body.doc == 0 and isinstance(node, ast.Flow) and not _is_used(ins, body, node, handlers):
                ins.report(207, node.name_span, name=node.name)
    for loaded in ins.docset.documents:
        if loaded.index in ins.facts.dynamic_docs:
            continue
        for alias, entry in loaded.imports.items():
            if alias in loaded.aliases and (loaded.index, alias) not in ins.facts.used_aliases:
                ins.report(224, entry.file_span or entry.span, alias=alias)


def _is_used(ins: Inspection, body: Body, node: ast.Flow, handlers: set[str | None]) -> bool:
    if body.index == ins.model.entry or node.triggers or node.goap is not None:
        return True
    if node.name in LIFECYCLE or node.name.startswith("on_") or node.name in handlers:
        return True
    return any(edge.source is not body for edge in body.callers)


def check_lists(ins: Inspection) -> None:
    """ABML209 and ABML210: what follows a transfer, and loop controls outside loops."""
    for site in ins.facts.sites:
        action = site.action
        if isinstance(action, ast.LoopControl) and not site.in_loop and not ins.fragment:
            ins.report(210, action.name_span, action=action.name)
        if not isinstance(action, walk.TERMINAL) or action.when is not None or action.on_error is not None:
            continue
        rest = site.items[site.at + 1 :]
        # A second transfer in the same list lies in the part already reported.
        if rest and not any(_always_leaves(earlier) for earlier in site.items[: site.at]):
            note = Note(f"'{action.name}' stands here", action.span)
            ins.report(209, rest[0].span, action=action.name, notes=(note,))


def _always_leaves(action: ast.Action) -> bool:
    return isinstance(action, walk.TERMINAL) and action.when is None and action.on_error is None


def check_points(ins: Inspection) -> None:
    """ABML228 and ABML229: continuation points."""
    first: dict[str, ast.ContinuationPoint] = {}
    for site in ins.facts.sites:
        action = site.action
        if not isinstance(action, ast.ContinuationPoint):
            continue
        earlier = first.setdefault(action.point, action)
        if earlier is not action:
            note = Note("first defined here", earlier.span)
            line = earlier.span.line
            ins.report(229, action.span, name=action.point, first_line=line, notes=(note,))


def check_call_cycles(ins: Inspection) -> None:
    """ABML218: flows that call each other whatever happens."""
    graph: dict[str, list[str]] = {}
    sites: dict[str, Span] = {}
    bodies = {body.name: body for body in ins.facts.bodies if body.kind == "flow"}
    for body in bodies.values():
        certain = set(map(id, _certain_calls(body)))
        targets = [e.target.name for e in body.edges if e.kind == "call" and id(e.site.action) in certain]
        graph[body.name] = targets
        for edge in body.edges:
            if edge.kind == "call" and id(edge.site.action) in certain:
                sites.setdefault(body.name, edge.ref.span)
    for cycle in find_cycles(graph):
        ins.report(218, sites[cycle[0]], path=" -> ".join([*cycle, cycle[0]]))


def _certain_calls(body: Body) -> Iterator[ast.Action]:
    """The calls a flow always makes: at its top, before anything that may leave it."""
    for site in body.sites:
        if site.parent is not None or site.role != "top":
            continue
        action = site.action
        if isinstance(action, ast.CallFlow) and action.when is None:
            yield action
        if isinstance(action, (ast.Guard, *walk.TERMINAL)) or _may_leave(action):
            return


def _may_leave(action: ast.Action) -> bool:
    for sub in walk.bodies(action):
        for inner in sub.items.items:
            if isinstance(inner, walk.TERMINAL) or _may_leave(inner):
                return True
    return False


def check_dropped_callers(ins: Inspection) -> None:
    """ABML219: a goto in a flow that is called by one that meant to go on."""
    for body in ins.facts.bodies:
        if body.kind != "flow":
            continue
        waiting = [edge for edge in body.callers if edge.kind == "call" and _goes_on(edge.site)]
        if not waiting:
            continue
        for site in body.sites:
            if isinstance(site.action, ast.Goto) and ins.first(219, id(site.action)):
                caller = waiting[0]
                note = Note(f"called here by '{caller.source.name}'", caller.site.action.span)
                ins.report(
                    219, site.action.span, flow=body.name, caller=caller.source.name, action="goto", notes=(note,)
                )


def _goes_on(site: Site) -> bool:
    """Whether anything is left to do after an action: in its list, or around it."""
    action = site.action
    if isinstance(action, ast.CallFlow) and action.into is not None:
        return True
    here: Site | None = site
    while here is not None:
        rest = here.items[here.at + 1 :]
        if rest:
            # A bare `return` after the call leaves nothing undone.
            return not (isinstance(rest[0], ast.Return) and rest[0].value is None)
        if here.parent is not None and isinstance(here.parent.action, (ast.ForEach, ast.Repeat)):
            return True
        here = here.parent
    return False


def check_goto_cycles(ins: Inspection) -> None:
    """ABML807: flows that go to each other without ever waiting."""
    graph: dict[str, list[str]] = {}
    spans: dict[tuple[str, str], Span] = {}
    for body in ins.facts.bodies:
        if body.kind != "flow":
            continue
        targets = graph.setdefault(body.name, [])
        for edge in body.edges:
            if edge.kind in ("goto", "either") and edge.target.kind == "flow" and not _waits_before(ins, edge.site):
                if isinstance(edge.site.action, ast.Goto):
                    targets.append(edge.target.name)
                    spans.setdefault((body.name, edge.target.name), edge.ref.span)
    for cycle in find_cycles(graph):
        following = cycle[1] if len(cycle) > 1 else cycle[0]
        ins.report(807, spans[cycle[0], following], path=" -> ".join([*cycle, cycle[0]]))


def _waits_before(ins: Inspection, site: Site) -> bool:
    """Whether an action that suspends always runs before this one in its body."""
    here: Site | None = site
    while here is not None:
        if any(waits(ins, action) for action in here.items[: here.at]):
            return True
        here = here.parent
        if here is not None and here.action.when is None and waits(ins, here.action):
            return True
    return False


def waits(ins: Inspection, action: ast.Action, depth: int = 2) -> bool:
    """Whether an action always suspends the fiber, as far as the document shows.

    `depth` is how many calls are followed; a note needs no more.
    """
    if action.when is not None:
        return False
    if isinstance(action, (ast.Wait, ast.WaitFor, ast.Sync, ast.Choice, ast.Qte)):
        return True
    if isinstance(action, ast.Domain):
        if action.awaits or action.until is not None:
            return True
        spec = result_spec(action, ins.environment)
        if spec is None:
            return False
        return spec.await_mode == "implicit" or any(param.name == spec.awaits_with for param in action.params)
    if isinstance(action, ast.CallFlow) and depth:
        edge = ins.facts.edge_of.get(id(action))
        if edge is not None:
            return any(
                waits(ins, site.action, depth - 1)
                for site in edge.target.sites
                if site.parent is None and site.role == "top"
            )
    return False
