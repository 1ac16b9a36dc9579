"""Checks of names: undefined, reserved, read-only, cyclic and lost variables (ABML203, 211-214, 232, 513)."""

from __future__ import annotations

from abml.compiler.model import (
    AMBIENT_NAMES,
    PROVIDER_ROOTS,
    REPORT_NAMES,
    RUNTIME_NAMES,
    SELF_ROOTS,
    ContextVariable,
)
from abml.diagnostics import Note
from abml.syntax import ast

from .facts import Bind, Body, Read, Use
from .inspection import Inspection
from .symbols import started_by_host

# How a name comes to be bound, for ways that a plain write finds again.
_SHADOWING = frozenset(("local", "loop", "param", "arg"))

_LIVE = frozenset(("computed", "source"))


def check_undefined(ins: Inspection) -> None:
    """ABML203: a name that nothing defines; once per name and document."""
    if ins.fragment:
        return
    known = _known_names(ins)
    dynamic = ins.facts.bound_names()
    lasting = {bind.name for bind in ins.facts.binds if bind.how in ("global", "snapshot")}
    missing: dict[tuple[int, str], list[Read]] = {}
    for read in ins.facts.reads:
        name, use = read.node.name, read.use
        if name in known or name in lasting or _declared(ins, use.doc, name):
            continue
        if use.place == "flow" and name in dynamic:
            continue
        missing.setdefault((use.doc, name), []).append(read)
    others = [*sorted(dynamic), *sorted(AMBIENT_NAMES)]
    for (doc, name), reads in missing.items():
        first = reads[0]
        candidates = [*ins.model.documents[doc].variables, *others]
        notes = _further(reads)
        if name in dynamic:
            text = f"nothing defines the variable '{name}' here; flows set it, but only for the run they are in"
            hint = f"declare '{name}' under 'context: variables:', or set it with 'global'"
            ins.report(203, first.node.span, text=text, hint=hint, notes=notes)
        else:
            near = ins.near(first.node.span, name, candidates)
            if len(reads) > 1:
                # One edit would mend one of them.
                near["fix"] = None
            ins.report(203, first.node.span, name=name, notes=notes, **near)


def check_self_data(ins: Inspection) -> None:
    """ABML513: an event brain reads data of a character of its own and binds none; once per name and document."""
    own = ins.facts.bound_names()
    for read in ins.facts.reads:
        name, use = read.node.name, read.use
        info = ins.model.documents[use.doc]
        if name not in SELF_ROOTS or info.node.metadata.type != "event_brain" or name in own:
            continue
        if "self" in info.bindings or "self" in ins.model.documents[0].bindings or _declared(ins, use.doc, name):
            continue
        if ins.first(513, use.doc, name):
            ins.report(513, read.node.span, name=name)


def check_foreign(ins: Inspection) -> None:
    """ABML203 for `alias.name` when the imported document declares no such variable."""
    for node, index, use in ins.facts.foreign:
        info = ins.model.documents[index]
        if node.name not in info.variables and ins.first(203, use.doc, index, node.name):
            text = f"the imported document has no variable '{node.name}'; this reads as null"
            near = ins.nearest(node.name, info.variables)
            hint = f"did you mean '{near}'?" if near is not None else None
            ins.report(203, node.name_span or node.span, text=text, hint=hint)


def _further(reads: list[Read]) -> tuple[Note, ...]:
    lines = list(dict.fromkeys(read.node.span.line for read in reads[1:]))
    if not lines:
        return ()
    shown = ", ".join(str(line) for line in lines[:8]) + (", …" if len(lines) > 8 else "")
    return (Note(f"also read in line{'s' if len(lines) > 1 else ''} {shown}"),)


def _known_names(ins: Inspection) -> set[str]:
    """Names the host or the VM gives, whatever the documents say."""
    known = set(RUNTIME_NAMES | REPORT_NAMES | AMBIENT_NAMES | PROVIDER_ROOTS | {"now", "bindings"})
    manifest = ins.environment.manifest
    if manifest is not None:
        known.update(manifest.providers, manifest.facts)
    return known


def _declared(ins: Inspection, doc: int, name: str) -> bool:
    info = ins.model.documents[doc]
    if name in info.variables or name in info.bindings or name in ins.model.documents[0].bindings:
        return True
    if name in info.aliases or name in ins.docset.documents[doc].broken:
        return True
    # Requirements name facts the host has.
    return any(requirement.name == name for requirement in info.node.requirements)


def check_targets(ins: Inspection) -> None:
    """ABML211 and ABML212: assignments to reserved names and to what cannot change."""
    shadowed = {bind.name for bind in ins.facts.binds if bind.how in _SHADOWING}
    for bind in ins.facts.binds:
        name = bind.name
        if name.startswith("_") and name != "_" and name not in REPORT_NAMES:
            if bind.how == "loop":
                # An author's `_` and `_x` for unused loop variables harm nobody unless the runtime uses them.
                if name not in RUNTIME_NAMES:
                    continue
            suggestion = name.lstrip("_") or "value"
            ins.report(211, bind.span, name=name, suggestion=suggestion)
        if bind.target is None or bind.how == "local" or name in shadowed:
            continue
        why = _read_only(ins, bind, bind.target)
        if why is not None:
            ins.report(212, bind.span, name=bind.target.text or name, why=why)


def _read_only(ins: Inspection, bind: Bind, target: ast.Target) -> str | None:
    """Why a target cannot be assigned, or None."""
    name, steps = target.name, target.steps
    home = 0 if bind.how == "global" else bind.doc
    variable = ins.model.documents[home].variables.get(name)
    if variable is not None:
        if variable.kind == "computed":
            return "it is computed"
        return "it is declared readonly" if variable.readonly else None
    if name in ins.model.documents[0].bindings or name == "bindings":
        return "bindings are fixed for the run"
    if steps and name == "config":
        return "configuration is fixed"
    if steps and name == "document":
        return "'document' is a view of the document's variables"
    if steps and name in ins.model.documents[bind.doc].aliases and not _hides_alias(ins, bind):
        return "a variable of an imported document belongs to that document"
    return None


def _hides_alias(ins: Inspection, bind: Bind) -> bool:
    """Whether something besides path assignments gives the alias's name a value of its own."""
    others = (other for other in ins.facts.binds if other.name == bind.name)
    return any(other.target is None or not other.target.steps for other in others)


def check_cycles(ins: Inspection) -> None:
    """ABML213: computed and source variables that need each other."""
    if not any(use.role in _LIVE for use in ins.facts.uses):
        return
    needs = _needs(ins)
    for doc in ins.model.documents:
        live = {name: variable for name, variable in doc.variables.items() if variable.kind != "plain"}
        graph = {name: _live_needs(needs, doc.index, name, live) for name in live}
        for cycle in find_cycles(graph):
            first = live[cycle[0]]
            ins.report(213, first.node.name_span, path=" -> ".join([*cycle, cycle[0]]))


# (document, is a function, name of the variable or function)
_Owner = tuple[int, bool, str]


def _owner(use: Use) -> _Owner | None:
    """The live variable or document function that an expression defines."""
    if use.owner is None or (use.place != "function" and use.role not in _LIVE):
        return None
    return use.doc, use.place == "function", use.owner


def _needs(ins: Inspection) -> dict[_Owner, tuple[list[str], list[str]]]:
    """(names read, functions called) of every live variable and document function."""
    found: dict[_Owner, tuple[list[str], list[str]]] = {}
    for read in ins.facts.reads:
        owner = _owner(read.use)
        if owner is not None:
            found.setdefault(owner, ([], []))[0].append(read.node.name)
    for member, use in ins.facts.members:
        owner = _owner(use)
        if owner is not None and isinstance(member.target, ast.Name) and member.target.name == "document":
            found.setdefault(owner, ([], []))[0].append(member.name)
    for call in ins.facts.calls:
        owner = _owner(call.use)
        index = None if owner is None else ins.model.resolve_function(call.use.doc, call.node.name)
        if owner is not None and index is not None:
            found.setdefault(owner, ([], []))[1].append(ins.model.functions[index].node.name)
    return found


def _live_needs(
    needs: dict[_Owner, tuple[list[str], list[str]]], doc: int, name: str, live: dict[str, ContextVariable]
) -> list[str]:
    """The live variables that one reads, through document functions too."""
    found: dict[str, None] = {}
    queue: list[_Owner] = [(doc, False, name)]
    for owner in queue:
        names, functions = needs.get(owner, ([], []))
        found.update(dict.fromkeys(other for other in names if other in live))
        queue += [called for function in functions if (called := (doc, True, function)) not in queue]
    return list(found)


def find_cycles(graph: dict[str, list[str]]) -> list[list[str]]:
    """One cycle for each group of names that lead to each other, each from its first name on."""
    order = {name: at for at, name in enumerate(graph)}
    cycles: list[list[str]] = []
    for group in _groups(graph):
        inside = {name: [target for target in graph[name] if target in group] for name in group}
        path = _path_back(inside, min(group, key=order.__getitem__))
        if path is not None:
            cycles.append(path)
    return sorted(cycles, key=lambda cycle: order[cycle[0]])


def _groups(graph: dict[str, list[str]]) -> list[set[str]]:
    """The strongly connected groups that hold a cycle (Tarjan 1972, without recursion)."""
    numbers: dict[str, int] = {}
    lows: dict[str, int] = {}
    open_names: list[str] = []
    is_open: set[str] = set()
    found: list[set[str]] = []
    for root in graph:
        if root in numbers:
            continue
        work = [(root, iter(graph[root]))]
        numbers[root] = lows[root] = len(numbers)
        open_names.append(root)
        is_open.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in graph:
                    continue
                if target not in numbers:
                    numbers[target] = lows[target] = len(numbers)
                    open_names.append(target)
                    is_open.add(target)
                    work.append((target, iter(graph[target])))
                    break
                if target in is_open:
                    lows[name] = min(lows[name], numbers[target])
            else:
                work.pop()
                if work:
                    lows[work[-1][0]] = min(lows[work[-1][0]], lows[name])
                if lows[name] == numbers[name]:
                    group = set()
                    while name not in group:
                        group.add(open_names.pop())
                    is_open -= group
                    if len(group) > 1 or name in graph[name]:
                        found.append(group)
    return found


def _path_back(graph: dict[str, list[str]], start: str) -> list[str] | None:
    """The shortest path from a node back to itself, without the repeated end."""
    parents: dict[str, str] = {}
    queue = [start]
    for node in queue:
        for target in graph.get(node, ()):
            if target == start:
                path = [node]
                while path[-1] != start:
                    path.append(parents[path[-1]])
                return path[::-1]
            if target not in parents and target in graph:
                parents[target] = node
                queue.append(target)
    return None


def check_lost(ins: Inspection) -> None:
    """ABML214: a variable that is read where every assignment of it has gone out of scope."""
    if ins.fragment:
        return
    declared = {name for doc in ins.model.documents for name in (*doc.variables, *doc.bindings)}
    known = _known_names(ins) | declared
    binds: dict[str, list[Bind]] = {}
    near: dict[tuple[str, Body], list[Bind]] = {}
    for bind in ins.facts.binds:
        if bind.name not in known and bind.how != "clear":
            binds.setdefault(bind.name, []).append(bind)
            near.setdefault((bind.name, bind.body), []).append(bind)
    if not binds:
        return
    visible = _Visibility(started_by_host(ins.model, ins.facts))
    for read in ins.facts.reads:
        use = read.use
        if use.place != "flow" or use.body is None or use.role in ("trigger", "param"):
            continue
        sources = binds.get(read.node.name)
        if not sources:
            continue
        # Most names are set in the flow that reads them; those elsewhere may be many, and need longer.
        if any(visible.reaches(bind, read) for bind in near.get((read.node.name, use.body), ())):
            continue
        if any(visible.reaches(bind, read) for bind in sources):
            continue
        if ins.first(214, use.doc, use.body, read.node.name):
            where = _where(sources[0])
            note = Note("set here", sources[0].span)
            ins.report(214, read.node.span, name=read.node.name, where=where, notes=(note,))


def _where(bind: Bind) -> str:
    return "a loop" if bind.scopes else f"the flow '{bind.body.name}'"


class _Visibility:
    """Which assignments can be seen from where, by the scope rules of language 6.3."""

    def __init__(self, roots: set[Body]) -> None:
        self.roots = roots

    def reaches(self, bind: Bind, read: Read) -> bool:
        """Whether a name bound there may still be in scope at the read."""
        use = read.use
        assert use.body is not None
        if bind.how in ("global", "snapshot"):
            return True
        scopes = use.site.scopes if use.site is not None else ()
        if bind.body is use.body and scopes[: len(bind.scopes)] == bind.scopes:
            return True
        if bind.body is not use.body and bind.body.kind == "channel" and not bind.scopes:
            return True
        if bind.body in self.roots and not bind.scopes:
            # A flow that starts a run works in the run scope, which lasts.
            return True
        return self.called_within(bind, use.body)

    def called_within(self, bind: Bind, target: Body) -> bool:
        """Whether a chain of calls leads from the scope of the binding to the target body."""
        queue: list[Body] = []
        for edge in bind.body.edges:
            inside = edge.site.scopes[: len(bind.scopes)] == bind.scopes
            if inside and edge.kind == "call":
                queue.append(edge.target)
        if bind.body.dynamic:
            return True
        seen = set(queue)
        for body in queue:
            if body is target or body.dynamic:
                return True
            for edge in body.edges:
                if edge.kind == "call" and edge.target not in seen:
                    seen.add(edge.target)
                    queue.append(edge.target)
        return False


def check_result_reads(ins: Inspection) -> None:
    """ABML232: `_result` read where no call can have come before."""
    assigned = any(bind.name == "_result" for bind in ins.facts.binds)
    if assigned or ins.fragment:
        return
    calls = [site for site in ins.facts.sites if isinstance(site.action, ast.CallFlow)]
    for read in ins.facts.reads:
        use = read.use
        if read.node.name != "_result" or use.body is None or use.site is None:
            continue
        body, order = use.body, use.site.order
        own = [site for site in calls if site.body is body]
        if any(edge for edge in body.callers) and calls:
            continue
        before = [
            site for site in own if site.order < order or _shares_loop(site.scopes, use.site.scopes, site.in_loop)
        ]
        if not before and ins.first(232, id(body)):
            ins.report(232, read.node.span)


def _shares_loop(one: tuple[int, ...], other: tuple[int, ...], in_loop: bool) -> bool:
    # A later call in the same loop may have run in an earlier round.
    return in_loop and other[: len(one)] == one
