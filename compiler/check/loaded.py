"""Whether a snapshot is loaded on every way to its use (ABML410).

On any one way through a program the set of loaded snapshots only grows, so one
pass over a body in the order of its text gives what is certainly loaded at each
action. Bodies that call each other are passed over until nothing changes.
"""

from __future__ import annotations

from abml.diagnostics import Note
from abml.syntax import ast

from . import walk
from .facts import Body, Edge
from .inspection import Inspection
from .resources import Resources, param_of, text_of
from .symbols import started_by_host

_Names = frozenset[str]
_NOTHING: _Names = frozenset()


def check_loaded(ins: Inspection, resources: Resources) -> None:
    """ABML410: reads of a snapshot that may come before its load; once a body and name."""
    names = frozenset(resources.loads)
    reads = [
        read
        for read in ins.facts.reads
        if read.node.name in names and read.use.place == "flow" and read.use.site is not None
    ]
    if not reads:
        return
    before = _Ways(ins, names).run()
    for read in reads:
        use, name = read.use, read.node.name
        assert use.site is not None
        if name in before.get(id(use.site.action), names) or _is_bound(ins, use.body, name):
            continue
        if ins.first(410, use.body, name):
            note = Note("loaded here", resources.loads[name][0].site.action.name_span)
            ins.report(410, read.node.span, name=name, notes=(note,))


def _is_bound(ins: Inspection, body: Body | None, name: str) -> bool:
    """Whether the body gives the name to something else too; ABML411 has said so."""
    return any(
        bind.name == name and bind.how not in ("snapshot", "clear") for bind in ins.facts.binds_of.get(id(body), ())
    )


class _Ways:
    """What is certainly loaded, by body and by action."""

    def __init__(self, ins: Inspection, names: _Names) -> None:
        self.ins = ins
        self.names = names
        roots = started_by_host(ins.model, ins.facts)
        if ins.model.error_handler is not None:
            roots.add(ins.facts.flows[ins.model.error_handler])
        handled = {id(edge.target) for body in ins.facts.bodies for edge in body.edges if edge.kind == "event"}
        self.entry: dict[int, _Names] = {}
        for body in ins.facts.bodies:
            # A flow that handles changes of a watched snapshot is started with it.
            alone = body in roots and not (id(body) in handled and not _has_own_start(body))
            self.entry[id(body)] = _NOTHING if alone else names
        self.exit: dict[int, _Names] = {id(body): names for body in ins.facts.bodies}
        self.before: dict[int, _Names] = {}
        self.returned: _Names | None = None
        self.changed = False

    def run(self) -> dict[int, _Names]:
        """The names loaded before each action, by its identity."""
        self.changed = True
        while self.changed:
            self.changed = False
            for body in self.ins.facts.bodies:
                self.body(body)
        return self.before

    def body(self, body: Body) -> None:
        start = self.entry[id(body)]
        self.returned = None
        node = body.node
        out: _Names | None = start
        if isinstance(node, ast.Channel) and node.flow is not None:
            for edge in body.edges:
                self.arrive(edge, start)
        if node.actions is not None:
            out = self.items(node.actions, start)
        if node.on_error is not None:
            out = _meet(out, self.items(node.on_error, start))
        ends = _meet(out, self.returned)
        found = self.names if ends is None else ends
        if found != self.exit[id(body)]:
            self.exit[id(body)] = found
            self.changed = True

    def arrive(self, edge: Edge, state: _Names) -> None:
        """One more way into a body."""
        key = id(edge.target)
        merged = self.entry[key] & state
        if merged != self.entry[key]:
            self.entry[key] = merged
            self.changed = True

    # ------------------------------------------------------------------ actions

    def items(self, actions: ast.ActionList, state: _Names) -> _Names | None:
        """What is loaded after a list; None when its end is never reached."""
        now: _Names | None = state
        skipped: _Names | None = None
        for action in actions.items:
            if now is None:
                # Unreachable; ABML209 says so.
                now = self.names
            if isinstance(action, ast.Guard):
                skipped = _meet(skipped, now)
            now = self.action(action, now)
        return _meet(now, skipped)

    def action(self, action: ast.Action, state: _Names) -> _Names | None:
        """What is loaded after an action; None when it goes elsewhere."""
        self.before[id(action)] = state
        after = self.normal(action, state)
        if action.on_error is not None:
            after = _meet(after, self.items(action.on_error, state))
        return _meet(after, state) if action.when is not None else after

    def normal(self, action: ast.Action, state: _Names) -> _Names | None:
        if isinstance(action, ast.Domain):
            after = state | self.loads(action)
            edge = self.ins.facts.edge_of.get(id(action))
            if edge is not None:
                self.arrive(edge, after)
            return self.timed(action, state, after)
        edge = self.ins.facts.edge_of.get(id(action))
        if edge is not None:
            self.arrive(edge, state)
        if isinstance(action, ast.CallFlow):
            return state if edge is None else state | self.exit[id(edge.target)]
        if isinstance(action, ast.Return):
            self.returned = _meet(self.returned, state)
            return None
        if isinstance(action, ast.Goto):
            # The flow that is gone to returns to the caller of this one.
            self.returned = _meet(self.returned, state if edge is None else state | self.exit[id(edge.target)])
            return None
        if isinstance(action, walk.TERMINAL):
            return None
        if isinstance(action, ast.Parallel):
            arms = [self.items(arm, state) for arm in action.arms]
            return state.union(*(arm for arm in arms if arm is not None))
        if isinstance(action, (ast.Cond, ast.Switch)):
            return self.choose(action, state)
        if isinstance(action, (ast.ForEach, ast.Repeat)):
            inner = self.items(action.body, state)
            return inner if inner is not None and _runs_once(action) else state
        return self.timed(action, state, state)

    def choose(self, action: ast.Cond | ast.Switch, state: _Names) -> _Names | None:
        """The branches of a decision; without an `else` it may do nothing."""
        ways: _Names | None = None
        last = action.otherwise if isinstance(action, ast.Cond) else action.default
        for sub in walk.bodies(action):
            if sub.role != "on_error":
                ways = _meet(ways, self.items(sub.items, state))
        return ways if last is not None else _meet(ways, state)

    def timed(self, action: ast.Action, state: _Names, after: _Names) -> _Names | None:
        """Lists that may run instead of going on: of options, outcomes, timeouts."""
        ways: _Names | None = after
        for sub in walk.bodies(action):
            if sub.role != "on_error":
                ways = _meet(ways, self.items(sub.items, state))
        return ways

    def loads(self, action: ast.Domain) -> _Names:
        """The snapshot an action registers."""
        param = param_of(action, "name") if action.name in ("load_snapshot", "watch") else None
        name = None if param is None else text_of(param.value)
        return _NOTHING if name is None else frozenset((name,))


def _meet(one: _Names | None, other: _Names | None) -> _Names | None:
    """What is loaded whichever of two ways was taken; None is a way that is never taken."""
    if one is None or other is None:
        return one if other is None else other
    return one & other


def _has_own_start(body: Body) -> bool:
    """Whether something besides a watch may start a body's run."""
    node = body.node
    return isinstance(node, ast.Channel) or bool(node.triggers) or node.goap is not None


def _runs_once(action: ast.ForEach | ast.Repeat) -> bool:
    """A counted loop that certainly runs and is not left in the middle."""
    if not isinstance(action, ast.Repeat) or not isinstance(action.times, ast.Literal):
        return False
    times = action.times.value
    return isinstance(times, int) and times >= 1 and not _has_control(action.body)


def _has_control(actions: ast.ActionList) -> bool:
    return any(
        isinstance(action, ast.LoopControl) or any(_has_control(sub.items) for sub in walk.bodies(action))
        for action in actions.items
    )
