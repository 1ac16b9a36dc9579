"""Gathering: the walk over documents, flows and channels that fills the facts."""

from __future__ import annotations

from collections.abc import Iterable

from abml.actions import ActionSpec
from abml.compiler.model import RUNTIME_NAMES, Model
from abml.environment import Environment
from abml.source import Span
from abml.syntax import ast

from . import walk
from .facts import Bind, Body, Edge, Facts, Site, Unresolved, Use
from .reads import Scan


def result_spec(action: ast.Domain, environment: Environment) -> ActionSpec | None:
    """The spec of a domain action, the action behind a route included."""
    name = action.name
    if action.route is not None:
        routes = environment.manifest.routes if environment.manifest is not None else {}
        name = routes.get(action.route, "")
    return environment.action(name)


def gather(model: Model, environment: Environment) -> Facts:
    """Walk every document of a model whose tables are filled."""
    walker = _Gatherer(model, environment)
    walker.run()
    return walker.facts


class _Gatherer:
    def __init__(self, model: Model, environment: Environment) -> None:
        self.model = model
        self.environment = environment
        self.facts = Facts()

    def run(self) -> None:
        facts, model = self.facts, self.model
        for flow in model.flows:
            body = Body("flow", flow.index, flow.doc, flow.name, flow.node)
            facts.bodies.append(body)
            facts.flows[flow.index] = body
        for channel in model.channels:
            body = Body("channel", channel.index, channel.doc, channel.name, channel.node)
            facts.bodies.append(body)
            facts.channels[channel.index] = body
        for doc in model.documents:
            self.document(doc.index, doc.node)
        for body in facts.bodies:
            self.body(body)
        # Which aliases a variable hides is known only now.
        model.bound = frozenset(bind.name for bind in facts.binds) | RUNTIME_NAMES
        for use in facts.uses:
            Scan(facts, model, use).expr(use.expr, use.locals)

    # ------------------------------------------------------------ documents

    def document(self, doc: int, node: ast.Document) -> None:
        """Everything outside flows and channels."""
        for variable in node.variables.values():
            self.use(variable.default, "default", doc, owner=variable.name)
            self.use(variable.source, "source", doc, owner=variable.name)
            self.use(variable.computed, "computed", doc, owner=variable.name)
        for requirement in node.requirements:
            self.use(requirement.value, "requirement", doc)
        for config in node.config.values():
            self.use(config, "config", doc)
        for binding in node.bindings:
            self.use(binding.value, "binding", doc)
        for options in (node.options or {}).values():
            for option in options:
                for part in (option.preference, option.available, option.risk, option.cooldown_ms):
                    self.use(part, "option", doc)
        for event in node.events:
            self.use(event.pattern, "pattern", doc)
            self.use(event.condition, "condition", doc)
        for subscription in node.subscriptions:
            self.use(subscription, "pattern", doc)
        for entry in node.perception_filter or ():
            for condition in entry.conditions:
                self.use(condition, "filter", doc)
        for goal in node.goals.values():
            self.use(goal.priority, "goap", doc)
            self.goap_values(doc, goal.conditions)
            self.goap_values(doc, goal.preconditions)
        for fact in node.world_state.values():
            self.use(fact.value, "goap", doc)
        for function in node.functions.values():
            self.function(doc, function)

    def goap_values(self, doc: int, entries: Iterable[ast.GoapEntry]) -> None:
        for entry in entries:
            if isinstance(entry.value, ast.Expr):
                self.use(entry.value, "goap", doc)

    def function(self, doc: int, function: ast.Function) -> None:
        names = {param.name for param in function.params}
        for param in function.params:
            self.use(param.default, "default", doc, place="function", owner=param.name)
        for name, value in function.lets:
            self.use(value, "let", doc, place="function", locals=frozenset(names), owner=function.name)
            names.add(name)
        self.use(function.result, "result", doc, place="function", locals=frozenset(names), owner=function.name)

    # --------------------------------------------------------------- bodies

    def body(self, body: Body) -> None:
        node = body.node
        if isinstance(node, ast.Flow):
            for param in node.params:
                self.bind(param.name, "param", body, None, (), param.span)
                self.use(param.default, "param", body.doc, place="flow", body=body, owner=param.name)
            for trigger in node.triggers:
                self.use(trigger.condition, "trigger", body.doc)
            if node.goap is not None:
                self.use(node.goap.cost, "goap", body.doc)
                self.goap_values(body.doc, node.goap.preconditions)
                for modifier in node.goap.cost_modifiers:
                    self.use(modifier.when, "goap", body.doc)
                    self.use(modifier.add, "goap", body.doc)
        elif node.flow is not None:
            self.channel_flow(body, node)
        if node.actions is not None:
            self.actions(body, None, walk.Sub("top", node.actions), (), False)
        if node.on_error is not None:
            self.actions(body, None, walk.Sub("on_error", node.on_error), (), False)

    def channel_flow(self, body: Body, node: ast.Channel) -> None:
        """The form of a channel that names the flow whose body it runs."""
        ref = node.flow
        assert ref is not None
        index = self.model.channels[body.index].flow
        if index is not None:
            # The channel runs the flow's body, so it reaches what the flow reaches.
            site = Site(
                ast.Noop(span=ref.span, name="noop", name_span=ref.span), body, None, _nothing(ref), 0, (), False
            )
            self.link(Edge("goto", body, self.facts.flows[index], site, ref))
            self.note_aliases(body.doc, ref.name)
        elif ref.name is not None:
            self.facts.unresolved.append(Unresolved("channel", "goto", ref, body.doc))

    def actions(self, body: Body, parent: Site | None, sub: walk.Sub, scopes: tuple[int, ...], in_loop: bool) -> None:
        facts = self.facts
        for at, action in enumerate(sub.items.items):
            site = Site(action, body, parent, sub, at, scopes, in_loop)
            body.sites.append(site)
            facts.sites.append(site)
            for role, expr in walk.expressions(action):
                self.use(expr, role, body.doc, place="flow", body=body, site=site)
            self.binds(site)
            for ref in walk.references(action):
                self.reference(site, ref)
            if isinstance(action, ast.Emit) and action.signal.name is None:
                facts.dynamic_signals = True
            for inner in walk.bodies(action):
                inside = (*scopes, id(inner.items)) if inner.scoped else scopes
                if inner.looped and isinstance(action, (ast.ForEach, ast.Repeat)):
                    self.loop_variables(site, action, inside)
                # An arm of `parallel` is a fiber of its own: a loop around it cannot be left from inside.
                looped = inner.looped or (in_loop and inner.role != "arm")
                self.actions(body, site, inner, inside, looped)

    def loop_variables(self, site: Site, action: ast.ForEach | ast.Repeat, scopes: tuple[int, ...]) -> None:
        names = [action.variable, action.index] if isinstance(action, ast.ForEach) else [action.variable]
        for name in names:
            if name is not None:
                self.bind(name, "loop", site.body, site, scopes, action.span)

    def binds(self, site: Site) -> None:
        """Record the names an action gives values to, its loop variables excepted."""
        action = site.action
        if isinstance(action, ast.Assign):
            for assignment in action.assignments:
                self.bind_target(site, assignment.target, action.name)
        elif isinstance(action, (ast.Increment, ast.StateUpdate)):
            self.bind_target(site, action.target, "set")
        elif isinstance(action, ast.Clear):
            self.bind_target(site, action.target, "clear")
        elif isinstance(action, (ast.CallFlow, ast.Goto)):
            if isinstance(action, ast.CallFlow):
                self.bind_target(site, action.into, "result")
            target = None if action.flow.name is None else self.model.resolve_flow(site.body.doc, action.flow.name)
            owner = site.body if target is None else self.facts.flows[target]
            for argument in action.args:
                self.bind(argument.name, "arg", owner, None, (), argument.span)
        elif isinstance(action, (ast.Choice, ast.Qte)):
            self.bind_target(site, action.result, "result")
        elif isinstance(action, ast.Domain):
            self.bind_domain(site, action)

    def bind_domain(self, site: Site, action: ast.Domain) -> None:
        self.bind_target(site, action.result, "result")
        if action.name in ("load_snapshot", "watch"):
            for param in action.params:
                if param.name == "name" and isinstance(param.value, ast.Literal) and isinstance(param.value.value, str):
                    self.bind(param.value.value, "snapshot", site.body, site, (), param.span)
        spec = result_spec(action, self.environment)
        if spec is not None and spec.result_default is not None and action.result is None:
            self.bind(spec.result_default, "result", site.body, site, site.scopes, action.span)
        if action.name == "assess_significance":
            self.bind("significance", "result", site.body, site, site.scopes, action.span)
        elif action.name == "filter_attention":
            name = "fast_track_perceptions"
            for param in action.params:
                if param.name == "fast_track_variable" and isinstance(param.value, ast.Literal):
                    name = str(param.value.value)
            self.bind(name, "result", site.body, site, site.scopes, action.span)

    def bind_target(self, site: Site, target: ast.Target | None, how: str) -> None:
        if target is None:
            return
        for step in target.steps:
            if isinstance(step, ast.Literal) and isinstance(step.value, str):
                self.facts.keys.add(step.value)
        self.add(Bind(target.name, how, site.body.doc, site.body, site, site.scopes, target.span, target))

    def bind(self, name: str, how: str, body: Body, site: Site | None, scopes: tuple[int, ...], span: Span) -> None:
        self.add(Bind(name, how, body.doc, body, site, scopes, span))

    def add(self, bind: Bind) -> None:
        self.facts.binds.append(bind)
        self.facts.binds_of.setdefault(id(bind.body), []).append(bind)

    # ------------------------------------------------------------ references

    def reference(self, site: Site, found: walk.Ref) -> None:
        place, ref, kind = found
        body = site.body
        if ref.name is None:
            body.dynamic = True
            self.facts.dynamic_docs.add(body.doc)
            return
        self.note_aliases(body.doc, ref.name)
        target: Body | None = None
        if kind in ("branch", "either"):
            index = self.model.resolve_channel(body.doc, ref.name)
            target = None if index is None else self.facts.channels[index]
        if target is None:
            index = self.model.resolve_flow(body.doc, ref.name)
            target = None if index is None else self.facts.flows[index]
        if target is None:
            self.facts.unresolved.append(Unresolved(place, kind, ref, body.doc))
        else:
            self.link(Edge(kind, body, target, site, ref))

    def link(self, edge: Edge) -> None:
        edge.source.edges.append(edge)
        edge.target.callers.append(edge)
        self.facts.edge_of[id(edge.site.action)] = edge

    def note_aliases(self, doc: int, name: str | None) -> None:
        """Remember the import aliases along a dotted reference."""
        for alias in (name or "").split(".")[:-1]:
            self.facts.used_aliases.add((doc, alias))
            target = self.model.documents[doc].aliases.get(alias)
            if target is None:
                return
            doc = target

    # ----------------------------------------------------------- expressions

    def use(
        self,
        expr: ast.Expr | None,
        role: str,
        doc: int,
        place: str = "document",
        body: Body | None = None,
        site: Site | None = None,
        locals: frozenset[str] = frozenset(),
        owner: str | None = None,
    ) -> None:
        if expr is None:
            return
        use = Use(expr, role, doc, place, body, site, locals, owner)
        self.facts.uses.append(use)


def _nothing(ref: ast.FlowRef) -> walk.Sub:
    return walk.Sub("top", ast.ActionList(ref.span, []))
