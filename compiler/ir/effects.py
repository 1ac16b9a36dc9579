"""Lowering of what leaves the program: log, intents, signals, domain actions (language 6.7, 7.3, 8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.actions import ActionSpec, ParamSpec, find_action
from abml.compiler.bytecode.program import Site
from abml.syntax import ast
from abml.values import Duration

from . import speech, variables
from .blocks import Block

if TYPE_CHECKING:
    from .actions import Actions


def log(a: Actions, node: ast.Log) -> None:
    b = a.b
    pushed = [_message(a, node.message)]
    if node.data is not None:
        pushed.append(a.value(node.data))
    b.push(pushed)
    flags = frozenset({"data"}) if node.data is not None else frozenset()
    b.emit("LOG", b.pool.site(Site("log", node.level, count=len(pushed), flags=flags)))


def _message(a: Actions, node: ast.Expr) -> int:
    """A log text: an expression that raises is left as written."""
    b = a.b
    if not isinstance(node, ast.Interpolation) or node.template is not None:
        return a.value(node)
    parts: list[int] = []
    for part, source in zip(node.parts, node.sources or [None] * len(node.parts), strict=True):
        if isinstance(part, str):
            parts.append(b.const(part))
            continue
        text = b.new()
        with b.substitute(text, source if source is not None else ""):
            value = a.value(part)
            b.push([value])
            b.emit("TEXT", text, 1)
        parts.append(text)
    b.push(parts)
    return b.into("TEXT", len(parts))


def emit_intent(a: Actions, node: ast.EmitIntent) -> None:
    for intent in node.intents:
        with a.b.at(intent.span):
            _intent(a, intent)


def _intent(a: Actions, node: ast.Intent) -> None:
    b = a.b
    pushed: list[int] = []
    fields: list[str] = []
    flags = set()
    if node.channel.dynamic is not None:
        flags.add("dynamic")
        pushed.append(a.value(node.channel.dynamic))
    action = a.value(node.action)
    urgency = a.optional(node.urgency, 1.0)
    for name in ("target", "position", "data"):
        value: ast.Expr | None = getattr(node, name)
        if value is not None:
            fields.append(name)
            pushed.append(a.value(value))
    for extra in node.extra:
        fields.append(extra.name)
        pushed.append(a.value(extra.value))
    # Fields that are parameters collected into `data` are told apart by their count.
    site = Site("intent", node.channel.name or "", names=tuple(fields), count=len(pushed), flags=frozenset(flags))
    if node.extra:
        site = site._replace(data=[extra.name for extra in node.extra])
    b.push(pushed)
    b.emit("INTENTX" if pushed else "INTENT", b.pool.site(site), action, urgency)


def emit(a: Actions, node: ast.Emit) -> None:
    b = a.b
    pushed: list[int] = []
    flags = set()
    if node.signal.dynamic is not None:
        flags.add("dynamic")
        pushed.append(a.value(node.signal.dynamic))
    if node.payload is not None:
        flags.add("payload")
        pushed.append(a.value(node.payload))
    b.push(pushed)
    b.emit("EMIT", b.pool.site(Site("emit", node.signal.name or "", count=len(pushed), flags=frozenset(flags))))


def domain(a: Actions, node: ast.Domain) -> None:
    b = a.b
    spec = _spec(a, node)
    if speech.is_spoken(node):
        names, pushed = speech.parameters(a, node)
    else:
        names = [param.name for param in node.params]
        pushed = []
        for param in node.params:
            value = a.value(param.value)
            if spec is not None and param.name in spec.params and spec.params[param.name].context == "DU":
                value = _duration(a, param.value, value, spec.params[param.name].unit)
            pushed.append(value)
    flags = set()
    if node.awaits or isinstance(node.until, ast.Expr | ast.Address):
        flags.add("await")
    if spec is not None and (spec.await_mode == "implicit" or spec.awaits_with in names):
        flags.add("implicit")
    if node.route is not None:
        flags.update(("route", "implicit"))
    if node.timeout is not None:
        flags.add("timeout")
        pushed.append(b.into("DEADLINE", a.value(node.timeout), 0))
    elif spec is not None and spec.await_mode == "implicit" and "timeout" in spec.params:
        # A query has a time limit of its own, which the handler knows too.
        flags.add("timeout")
        pushed.append(_own_limit(a, spec.params["timeout"], dict(zip(names, pushed, strict=True))))
    b.push(pushed)
    data = _data(a, node, spec, names)
    result = _result_target(node, spec)
    site = Site(
        "action",
        node.route or node.name,
        names=tuple(names),
        count=len(pushed),
        flags=frozenset(flags | ({"result"} if result is not None else set())),
        data=data,
    )
    late = Block() if node.on_timeout is not None else None
    value = b.new()
    b.emit("ACT", value, b.pool.site(site), 0, late)
    b.start()
    if result is not None:
        variables.assign_value(a, "set", result, value)
    if late is not None and node.on_timeout is not None:
        after = Block()
        b.jump("JMP", after)
        b.start(late)
        a.body(node.on_timeout)
        b.start(after)


def _own_limit(a: Actions, param: ParamSpec, pushed: dict[str, int]) -> int:
    """The deadline of an action whose time limit is one of its parameters: written, else its default."""
    unit = 1 if param.unit == "ms" else 0
    limit = pushed.get(param.name)
    return a.b.into("DEADLINE", a.b.const(param.default) if limit is None else limit, unit)


def _spec(a: Actions, node: ast.Domain) -> ActionSpec | None:
    """What the manifest or the language says of an action, or of the one behind a route."""
    manifest = a.model.manifest
    name: str | None = node.name
    if node.route is not None:
        name = None if manifest is None else manifest.routes.get(node.route)
    if name is None:
        return None
    found = None if manifest is None else manifest.action(name)
    return find_action(name) if found is None else found


def _data(a: Actions, node: ast.Domain, spec: ActionSpec | None, names: list[str]) -> dict[str, Any] | None:
    """What the runtime needs beside the parameters: `until`, `defaults` of those not written, `spoken`."""
    data = _until(a, node.until) or {}
    defaults: dict[str, Any] = {}
    for param in () if spec is None else spec.params.values():
        if param.default is not None and param.name not in names:
            is_time = param.context == "DU" and isinstance(param.default, int | float)
            micros = 1000 if param.unit == "ms" else 1_000_000
            defaults[param.name] = Duration(round(param.default * micros)) if is_time else param.default
    if defaults:
        data["defaults"] = defaults
    if "dialogue_ref" in names and speech.is_spoken(node):
        data["spoken"] = speech.SPOKEN
    return data or None


def _until(a: Actions, node: ast.Expr | ast.Address | None) -> dict[str, Any] | None:
    """What ends the action before its answer: a signal, or a condition that is looked at in every tick."""
    if isinstance(node, ast.Address):
        return None if node.signal is None else {"until": [node.channel, node.signal]}
    if node is None:
        return None
    return {"until_unit": a.condition_unit(node)}


def _result_target(node: ast.Domain, spec: Any) -> ast.Target | None:
    if node.result is not None:
        return node.result
    if spec is not None and spec.result_default is not None:
        return ast.Target(node.span, spec.result_default, text=spec.result_default)
    return None


def _duration(a: Actions, node: ast.Expr, value: int, unit: str) -> int:
    """A duration parameter: bare numbers of a computed value take the field's unit."""
    if isinstance(node, ast.Literal) and not isinstance(node.value, int | float):
        return value
    kind = "duration" if unit == "s" else "duration_ms"
    return a.b.into("CONVERT", value, a.b.pool.constant(kind))
