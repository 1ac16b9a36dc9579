"""Walking a document: every action, action list and expression of an AST, parents first.

Checker and compiler both need `everything below this node`; the knowledge of
which node holds which others is here, once, as a table of child readers by
node class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import ast
from .walk import walk


def lists_of(action: ast.Action) -> list[ast.ActionList]:
    """The action lists directly inside an action, in written order; `on_error` last."""
    reader = _LISTS.get(type(action))
    found: list[ast.ActionList] = [] if reader is None else reader(action)
    if action.on_error is not None:
        found.append(action.on_error)
    return found


def actions_in(body: ast.ActionList | None) -> Iterator[ast.Action]:
    """Every action of a list and below it, parents first, in written order."""
    pending: list[ast.Action] = [] if body is None else body.items[::-1]
    while pending:
        action = pending.pop()
        yield action
        for inner in reversed(lists_of(action)):
            pending.extend(reversed(inner.items))


def expressions_of(action: ast.Action) -> list[ast.Expr]:
    """The expressions that belong to an action itself, not to its nested lists, in order of evaluation."""
    reader = _EXPRESSIONS.get(type(action))
    found: list[ast.Expr] = [] if action.when is None else [action.when]
    if reader is not None:
        found.extend(expr for expr in reader(action) if expr is not None)
    return found


def flow_lists(flow: ast.Flow | ast.Channel) -> list[ast.ActionList]:
    """The body and the handler of a flow or channel, where they exist."""
    return [body for body in (flow.actions, flow.on_error) if body is not None]


def flow_actions(flow: ast.Flow | ast.Channel) -> Iterator[ast.Action]:
    """Every action of a flow or channel, its handler's included."""
    for body in flow_lists(flow):
        yield from actions_in(body)


def document_lists(doc: ast.Document) -> Iterator[ast.ActionList]:
    """The outermost action lists of a document: bodies and handlers of flows and channels."""
    for flow in doc.flows.values():
        yield from flow_lists(flow)
    for channel in doc.channels.values():
        yield from flow_lists(channel)


def document_actions(doc: ast.Document) -> Iterator[ast.Action]:
    """Every action of a document."""
    for body in document_lists(doc):
        yield from actions_in(body)


def flow_expressions(flow: ast.Flow) -> list[ast.Expr]:
    """The expressions of a flow outside its action lists: parameters, triggers, planning data."""
    found = [param.default for param in flow.params if param.default is not None]
    found.extend(trigger.condition for trigger in flow.triggers if trigger.condition is not None)
    if flow.goap is not None:
        found.append(flow.goap.cost)
        found.extend(_goap_values(flow.goap.preconditions))
        found.extend(_goap_values(flow.goap.effects))
        for modifier in flow.goap.cost_modifiers:
            found.extend(expr for expr in (modifier.when, modifier.add) if expr is not None)
    return found


def _goap_values(entries: list[ast.GoapEntry]) -> list[ast.Expr]:
    return [entry.value for entry in entries if isinstance(entry.value, ast.Expr)]


def section_expressions(doc: ast.Document) -> Iterator[ast.Expr]:
    """The expressions of a document outside flows and channels."""
    for variable in doc.variables.values():
        for expr in (variable.default, variable.source, variable.computed):
            if expr is not None:
                yield expr
    for requirement in doc.requirements:
        yield requirement.value
    yield from doc.config.values()
    for binding in doc.bindings:
        yield binding.value
    for group in (doc.options or {}).values():
        for option in group:
            for expr in (option.preference, option.available, option.risk, option.cooldown_ms):
                if expr is not None:
                    yield expr
    for handler in doc.events:
        yield handler.pattern
        if handler.condition is not None:
            yield handler.condition
    yield from doc.subscriptions
    for entry in doc.perception_filter or []:
        yield from entry.conditions
    for goal in doc.goals.values():
        yield goal.priority
        yield from _goap_values(goal.conditions)
        yield from _goap_values(goal.preconditions)
    for fact in doc.world_state.values():
        yield fact.value
    for function in doc.functions.values():
        yield from (param.default for param in function.params if param.default is not None)
        yield from (expr for _, expr in function.lets)
        yield function.result


def document_expressions(doc: ast.Document) -> Iterator[ast.Expr]:
    """Every outermost expression of a document; `expression_nodes` goes on from there."""
    yield from section_expressions(doc)
    for flow in doc.flows.values():
        yield from flow_expressions(flow)
    for action in document_actions(doc):
        yield from expressions_of(action)


# ---------------------------------------------------------------- expressions


def expression_nodes(expr: ast.Expr) -> Iterator[ast.Expr]:
    """The expression and everything below it, the expressions of templates included."""
    for node in walk(expr):
        yield node
        if isinstance(node, ast.Interpolation) and node.template is not None:
            for inner in template_expressions(node.template.nodes):
                yield from expression_nodes(inner)


def template_expressions(nodes: list[ast.TemplateNode]) -> Iterator[ast.Expr]:
    """The outermost expressions of template nodes, in written order."""
    for node in nodes:
        if isinstance(node, ast.TemplateOutput):
            yield node.value
            yield from _filter_args(node.filters)
        elif isinstance(node, ast.TemplateIf):
            for test, body in node.branches:
                yield test
                yield from template_expressions(body)
            yield from template_expressions(node.otherwise)
        elif isinstance(node, ast.TemplateCase):
            yield node.value
            for tests, body in node.branches:
                yield from tests
                yield from template_expressions(body)
            yield from template_expressions(node.otherwise)
        elif isinstance(node, ast.TemplateFor):
            yield node.collection
            for bound in (node.limit, node.offset):
                if bound is not None:
                    yield bound
            yield from template_expressions(node.body)
            yield from template_expressions(node.otherwise)
        elif isinstance(node, ast.TemplateAssign):
            yield node.value
            yield from _filter_args(node.filters)
        elif isinstance(node, ast.TemplateCapture):
            yield from template_expressions(node.body)


def _filter_args(filters: list[ast.TemplateFilter]) -> Iterator[ast.Expr]:
    for item in filters:
        yield from item.args


# --------------------------------------------------------------------- tables


def _both(first: ast.ActionList | None, *more: ast.ActionList | ast.FlowRef | None) -> list[ast.ActionList]:
    return [body for body in (first, *more) if isinstance(body, ast.ActionList)]


# The readers take the class of their row; one dictionary cannot say so.
_LISTS: dict[type[ast.Action], Callable[[Any], list[ast.ActionList]]] = {
    ast.Cond: lambda a: _both(*(branch.then for branch in a.branches), a.otherwise),
    ast.Switch: lambda a: _both(*(case.then for case in a.cases), a.default),
    ast.ForEach: lambda a: [a.body],
    ast.Repeat: lambda a: [a.body],
    ast.Parallel: lambda a: list(a.arms),
    ast.Wait: lambda a: _both(a.on_timeout),
    ast.WaitFor: lambda a: _both(a.on_timeout),
    ast.Sync: lambda a: _both(a.on_timeout),
    ast.Choice: lambda a: _both(*(option.then for option in a.options), a.on_timeout),
    ast.Qte: lambda a: _both(a.on_success, a.on_failure, a.on_timeout),
    ast.Domain: lambda a: _both(a.on_timeout),
}


def _arguments(args: list[ast.Argument]) -> list[ast.Expr]:
    return [argument.value for argument in args]


def _steps(target: ast.Target | None) -> list[ast.Expr]:
    return [] if target is None else target.steps


def _until(node: ast.Expr | ast.Address | None) -> ast.Expr | None:
    return node.dynamic if isinstance(node, ast.Address) else node


def _intents(action: ast.EmitIntent) -> list[ast.Expr | None]:
    found: list[ast.Expr | None] = []
    for intent in action.intents:
        found += [intent.channel.dynamic, intent.action, intent.urgency, intent.target, intent.position, intent.data]
        found += _arguments(intent.extra)
    return found


def _choice(action: ast.Choice) -> list[ast.Expr | None]:
    found: list[ast.Expr | None] = [action.prompt]
    for option in action.options:
        found += [option.label, option.description, option.value, option.condition]
    return [*found, action.timeout, *_steps(action.result)]


def _assign(action: ast.Assign) -> list[ast.Expr]:
    found: list[ast.Expr] = []
    for item in action.assignments:
        found += [item.value, *item.target.steps]
    return found


def _on_timeout(node: ast.ActionList | ast.FlowRef | None) -> ast.Expr | None:
    return node.dynamic if isinstance(node, ast.FlowRef) else None


_EXPRESSIONS: dict[type[ast.Action], Callable[[Any], list[ast.Expr | None]]] = {
    ast.Cond: lambda a: [branch.condition for branch in a.branches],
    ast.Switch: lambda a: [a.value, *(match for case in a.cases for match in case.matches)],
    ast.Guard: lambda a: [a.condition],
    ast.ForEach: lambda a: [a.collection],
    ast.Repeat: lambda a: [a.times],
    ast.CallFlow: lambda a: [a.flow.dynamic, *_arguments(a.args), *_steps(a.into)],
    ast.Goto: lambda a: [a.flow.dynamic, *_arguments(a.args)],
    ast.Return: lambda a: [a.value],
    ast.BranchTo: lambda a: [a.channel.dynamic],
    ast.Assign: lambda a: [*_assign(a)],
    ast.Increment: lambda a: [a.by, *_steps(a.target)],
    ast.Clear: lambda a: [*_steps(a.target)],
    ast.StateUpdate: lambda a: [a.value, *_steps(a.target)],
    ast.Log: lambda a: [a.message, a.data],
    ast.Wait: lambda a: [a.duration, _until(a.until), a.timeout],
    ast.WaitFor: lambda a: [*(address.dynamic for address in a.addresses), a.timeout, _on_timeout(a.on_timeout)],
    ast.Emit: lambda a: [a.signal.dynamic, a.payload],
    ast.Sync: lambda a: [a.timeout, _on_timeout(a.on_timeout)],
    ast.ContinuationPoint: lambda a: [a.timeout, a.default_flow.dynamic],
    ast.EmitIntent: _intents,
    ast.Choice: _choice,
    ast.Qte: lambda a: [*_arguments(a.params), a.timeout, a.default, *_steps(a.result)],
    ast.Domain: lambda a: [*_arguments(a.params), _until(a.until), a.timeout, *_steps(a.result)],
}
