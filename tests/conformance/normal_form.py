"""The suite's normal form of a document, from the syntax tree. Translation only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from abml.source import Source
from abml.syntax import ast


def normal_form(doc: ast.Document, source: Source) -> dict[str, Any]:
    """A document as plain values; expressions are the texts they were written as."""
    return _Translator(source).document(doc)


class _Translator:
    def __init__(self, source: Source) -> None:
        self.source = source

    def document(self, doc: ast.Document) -> dict[str, Any]:
        meta = doc.metadata
        return {
            "version": doc.version,
            "metadata": {
                "id": meta.id,
                "type": meta.type,
                "description": meta.description,
                "tags": meta.tags,
                "deterministic": meta.deterministic,
            },
            "imports": [self.imported(item) for item in doc.imports],
            "context": {
                "variables": {name: self.variable(var) for name, var in doc.variables.items()},
                "services": [{"name": s.name, "required": s.required} for s in doc.services],
                "requirements": {r.name: self.value(r.value) for r in doc.requirements},
            },
            "options": None
            if doc.options is None
            else {kind: [self.option(o) for o in options] for kind, options in doc.options.items()},
            "goals": {
                name: {"priority": self.value(goal.priority), "conditions": _entries(goal.conditions)}
                for name, goal in doc.goals.items()
            },
            "events": [{"pattern": self.value(e.pattern), "handler": self.ref(e.handler)} for e in doc.events],
            "channels": {name: self.channel(channel) for name, channel in doc.channels.items()},
            "on_error": None if doc.on_error is None else self.ref(doc.on_error),
            "flows": {name: self.flow(flow) for name, flow in doc.flows.items()},
        }

    def imported(self, item: ast.Import) -> dict[str, Any]:
        if item.schema is not None:
            return {"schema": item.schema, "alias": item.alias}
        return {"file": item.file, "alias": item.alias}

    def variable(self, var: ast.Variable) -> dict[str, Any]:
        return {
            "type": None if var.type is None else var.type.text or var.type.name,
            "default": self.optional(var.default),
            "source": self.optional(var.source),
            "computed": self.optional(var.computed),
        }

    def option(self, option: ast.Option) -> dict[str, Any]:
        return {
            "actionId": option.action_id,
            "preference": self.value(option.preference),
            "risk": self.optional(option.risk),
            "available": self.value(option.available),
            "requirements": option.requirements,
            "cooldownMs": self.optional(option.cooldown_ms),
            "tags": option.tags,
        }

    def channel(self, channel: ast.Channel) -> Any:
        return self.actions(channel.actions) if channel.actions is not None else None

    def flow(self, flow: ast.Flow) -> dict[str, Any]:
        goap = flow.goap
        return {
            "triggers": [
                {"event": t.event, "condition": self.optional(t.condition), "time_range": t.time_range}
                for t in flow.triggers
            ],
            "actions": self.actions(flow.actions),
            "on_error": self.actions(flow.on_error),
            "goap": None
            if goap is None
            else {
                "preconditions": _entries(goap.preconditions),
                "effects": _entries(goap.effects),
                "cost": self.value(goap.cost),
            },
        }

    # -- actions

    def actions(self, items: ast.ActionList | None) -> list[dict[str, Any]] | None:
        return None if items is None else [form for action in items.items for form in self.action(action)]

    def action(self, action: ast.Action) -> list[dict[str, Any]]:
        """The forms of one action; a `set` of several variables has one for each."""
        translate = _ACTIONS.get(type(action))
        if translate is None:
            return [{"type": action.name}]
        forms = translate(self, action)
        return forms if isinstance(forms, list) else [forms]

    def cond(self, action: ast.Cond) -> dict[str, Any]:
        branches = [{"when": self.value(b.condition), "then": self.actions(b.then)} for b in action.branches]
        return {"type": "cond", "branches": branches, "else": self.actions(action.otherwise)}

    def for_each(self, action: ast.ForEach) -> dict[str, Any]:
        return {
            "type": "for_each",
            "variable": action.variable,
            "collection": self.value(action.collection),
            "do": self.actions(action.body),
        }

    def repeat(self, action: ast.Repeat) -> dict[str, Any]:
        return {"type": "repeat", "times": self.value(action.times), "do": self.actions(action.body)}

    def transfer(self, action: ast.CallFlow | ast.Goto) -> dict[str, Any]:
        return {"type": action.name, "flow": self.ref(action.flow), "args": self.arguments(action.args)}

    def assign(self, action: ast.Assign) -> list[dict[str, Any]]:
        return [
            {"type": action.name, "variable": a.target.text or a.target.name, "value": self.value(a.value)}
            for a in action.assignments
        ]

    def increment(self, action: ast.Increment) -> dict[str, Any]:
        by = 1 if action.by is None else self.value(action.by)
        return {"type": action.name, "variable": action.target.text or action.target.name, "by": by}

    def clear(self, action: ast.Clear) -> dict[str, Any]:
        return {"type": "clear", "variable": action.target.text or action.target.name}

    def log(self, action: ast.Log) -> dict[str, Any]:
        return {"type": "log", "message": self.value(action.message), "level": action.level}

    def returned(self, action: ast.Return) -> dict[str, Any]:
        return {"type": "return", "value": self.optional(action.value)}

    def emit(self, action: ast.Emit) -> dict[str, Any]:
        return {"type": "emit", "signal": self.ref(action.signal), "payload": self.optional(action.payload)}

    def wait_for(self, action: ast.WaitFor) -> dict[str, Any]:
        first = action.addresses[0]
        return {
            "type": "wait_for",
            "signal": first.signal if first.channel is None else f"@{first.channel}.{first.signal}",
        }

    def sync(self, action: ast.Sync) -> dict[str, Any]:
        return {"type": "sync", "point": action.point}

    def intents(self, action: ast.EmitIntent) -> list[dict[str, Any]]:
        return [
            {
                "type": "emit_intent",
                "channel": self.ref(intent.channel),
                "action": self.value(intent.action),
                "urgency": self.optional(intent.urgency),
                "target": self.optional(intent.target),
            }
            for intent in action.intents
        ]

    def continuation_point(self, action: ast.ContinuationPoint) -> dict[str, Any]:
        return {
            "type": "continuation_point",
            "name": action.point,
            "timeout": self.value(action.timeout),
            "default_flow": self.ref(action.default_flow),
        }

    def domain(self, action: ast.Domain) -> dict[str, Any]:
        return {
            "type": "domain",
            "name": action.name,
            "params": self.arguments(action.params),
            "on_error": self.actions(action.on_error),
        }

    # -- values

    def arguments(self, args: list[ast.Argument]) -> dict[str, Any]:
        return {arg.name: self.value(arg.value) for arg in args}

    def ref(self, ref: ast.FlowRef) -> Any:
        return ref.name if ref.dynamic is None else self.value(ref.dynamic)

    def optional(self, expr: ast.Expr | None) -> Any:
        return None if expr is None else self.value(expr)

    def value(self, expr: ast.Expr) -> Any:
        """A constant is its value; everything else is its text."""
        if isinstance(expr, ast.Literal):
            from abml.values import Duration, to_text

            return to_text(expr.value) if isinstance(expr.value, Duration) else expr.value
        if isinstance(expr, ast.ListExpr):
            return [self.value(item) for item in expr.items]
        span = expr.span
        start = self.source.offset(span.line, span.column)
        return self.source.text[start : self.source.offset(span.end_line, span.end_column)].strip("\"'")


_ACTIONS: dict[type, Callable[[_Translator, Any], Any]] = {
    ast.Cond: _Translator.cond,
    ast.ForEach: _Translator.for_each,
    ast.Repeat: _Translator.repeat,
    ast.CallFlow: _Translator.transfer,
    ast.Goto: _Translator.transfer,
    ast.Assign: _Translator.assign,
    ast.Increment: _Translator.increment,
    ast.Clear: _Translator.clear,
    ast.Log: _Translator.log,
    ast.Return: _Translator.returned,
    ast.Emit: _Translator.emit,
    ast.WaitFor: _Translator.wait_for,
    ast.Sync: _Translator.sync,
    ast.EmitIntent: _Translator.intents,
    ast.ContinuationPoint: _Translator.continuation_point,
    ast.Domain: _Translator.domain,
}


def _entries(entries: list[ast.GoapEntry]) -> dict[str, Any]:
    return {entry.key: entry.text for entry in entries}
