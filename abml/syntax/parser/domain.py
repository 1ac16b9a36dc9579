"""Domain actions: parameters by the tables of language 8 or the manifest, await, results, routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.actions import BUILTIN_ACTIONS, ActionSpec, ParamSpec
from abml.syntax.ast import Action, Address, Argument, Binary, Domain, Expr, ListExpr, Literal, MapExpr, Target
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence
from abml.values import Duration

from . import values
from .base import IDENTIFIER, Entries, Fields, Parser, clip, describe, is_null, shown
from .items import BUILDERS, Site, list_or_channel

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_INTO = frozenset(("into", "result", "result_var", "result_variable"))

# Kinds of literals that fit a declared type; types not listed fit everything.
_FITS: dict[str, tuple[type, ...]] = {
    "number": (int, float, Duration),
    "float": (int, float, Duration),
    "double": (int, float, Duration),
    "int": (int, float),
    "integer": (int, float),
    "bool": (bool,),
    "boolean": (bool,),
}
_EXPECTED = {
    "number": "a number",
    "float": "a number",
    "double": "a number",
    "int": "a whole number",
    "integer": "a whole number",
    "bool": "true or false",
    "boolean": "true or false",
    "list": "a list",
    "array": "a list",
    "map": "a mapping",
    "object": "a mapping",
    "dict": "a mapping",
}


class _Call:
    """What is read of one domain action before its node is made."""

    __slots__ = ("awaits", "into", "label", "on_timeout", "params", "site", "spec", "timeout", "until")

    def __init__(self, site: Site, spec: ActionSpec | None) -> None:
        self.site = site
        self.spec = spec
        # What messages call the action: a route has the name of its action there.
        self.label = site.name if spec is None or site.name != "call" else spec.name
        self.params: Fields = {}
        self.awaits: tuple[CstScalar, CstNode] | None = None
        self.until: tuple[CstScalar, CstNode] | None = None
        self.timeout: tuple[CstScalar, CstNode] | None = None
        self.on_timeout: tuple[CstScalar, CstNode] | None = None
        self.into: tuple[CstScalar, CstNode] | None = None


def domain(p: Parser, site: Site) -> Action | None:
    """Any action that is not built in, and the built-in resource actions."""
    spec = p.action_spec(site.name)
    call = _Call(site, spec)
    node = site.value
    if isinstance(node, CstMapping):
        _sort(p, call, site.entries(p, keep_x=True))
    elif not is_null(node):
        primary = "value"
        if spec is not None and spec.primary is not None and isinstance(node, CstScalar):
            primary = spec.primary
        call.params[primary] = (site.key, node)
    _take_beside(p, call)
    if site.name.rsplit(".", 1)[-1].lower() == "publish" and "topic" in call.params:
        # The rest of its parameters is not worth a word.
        p.report(502, call.params.pop("topic")[0].span)
        call.spec = None
    action = _build(p, call)
    special = _SPECIAL.get(site.name)
    return action if special is None else special(p, action)


def route_call(p: Parser, site: Site, found: Fields) -> Action:
    """`call: "/route"`: the parameters are those of the action the manifest maps the route to (T6)."""
    _, node = found["flow"]
    route = node.text.strip() if isinstance(node, CstScalar) else ""
    spec = None
    if p.manifest is not None:
        granted = p.manifest.routes.get(route)
        spec = None if granted is None else p.action_spec(granted)
    call = _Call(site, spec)
    call.into = found.get("into")
    call.timeout = found.get("timeout")
    call.on_timeout = found.get("on_timeout")
    call.awaits = found.get("await")
    args = found.get("args")
    if args is not None:
        _merge_args(p, call, args)
    action = _build(p, call)
    action.name = route
    action.route = route
    return action


# --------------------------------------------------------------------- sorting


def _sort(p: Parser, call: _Call, entries: Entries) -> None:
    """Part the keys inside the action's mapping into parameters and modifiers."""
    spec = call.spec
    names = {} if spec is None else spec.names
    timeout: tuple[CstScalar, CstNode] | None = None
    for text, key, node in entries:
        canonical = names.get(text)
        entry = (key, node)
        if canonical is not None:
            if canonical in call.params:
                p.given_twice(key, call.params[canonical][0])
                continue
            if canonical != text:
                p.older_spelling(key, canonical)
            call.params[canonical] = entry
        elif text in _INTO:
            if call.into is not None:
                p.given_twice(key, call.into[0])
            else:
                p.older_spelling(key, "result_variable" if spec is None else spec.result_key)
                call.into = entry
        elif text == "await":
            call.awaits = entry
        elif text == "until":
            call.until = entry
        elif text == "on_timeout":
            call.on_timeout = entry
        elif text == "timeout":
            timeout = entry
        else:
            call.params[text] = entry
    if timeout is not None:
        # A limit for what is not awaited would mean nothing: there it is a parameter.
        if call.awaits or call.until or call.on_timeout or "await" in call.site.beside or _awaits_always(spec):
            call.timeout = timeout
        else:
            call.params["timeout"] = timeout


def _awaits_always(spec: ActionSpec | None) -> bool:
    return spec is not None and spec.await_mode == "implicit"


def _take_beside(p: Parser, call: _Call) -> None:
    """Modifiers beside the action key."""
    beside = call.site.beside
    if not beside:
        return
    for name in ("into", "await", "timeout", "on_timeout"):
        entry = beside.pop(name, None)
        if entry is None:
            continue
        spec = call.spec
        canonical = None if spec is None else spec.names.get(entry[0].text)
        if canonical is not None:
            # `- load_snapshot: {…}` with `into:` beside: the result's name is a parameter there.
            if canonical in call.params:
                p.given_twice(entry[0], call.params[canonical][0])
            else:
                call.params[canonical] = entry
            continue
        slot = "awaits" if name == "await" else name
        inside = getattr(call, slot)
        if inside is not None:
            p.given_twice(entry[0], inside[0])
        else:
            setattr(call, slot, entry)
    args = beside.pop("args", None)
    if args is not None:
        _merge_args(p, call, args)


def _merge_args(p: Parser, call: _Call, args: tuple[CstScalar, CstNode]) -> None:
    """`args`/`with` beside a domain action are parameters of it (B6)."""
    key, node = args
    if is_null(node):
        return
    if not isinstance(node, CstMapping):
        p.not_allowed(node, key.text, "a mapping of parameters")
        return
    names = {} if call.spec is None else call.spec.names
    for text, name, item in p.entries(node, keep_x=True):
        canonical = names.get(text, text)
        if canonical in call.params:
            p.given_twice(name, call.params[canonical][0])
        else:
            call.params[canonical] = (name, item)


# -------------------------------------------------------------------- building


def _build(p: Parser, call: _Call) -> Domain:
    site, spec = call.site, call.spec
    params: list[Argument] = []
    known = {} if spec is None else spec.params
    for name, (key, node) in call.params.items():
        param = known.get(name)
        if param is None:
            if spec is not None and not spec.open:
                code = 163 if spec.name in BUILTIN_ACTIONS else 510
                if key is site.key:
                    text = f"'{call.label}' takes its parameters by name, not a single value"
                    hint = f"write '{call.label}: {{ {next(iter(spec.params))}: ... }}'" if spec.params else None
                    p.report(code, node.span, text=text, hint=hint)
                else:
                    p.unknown_field(key, spec.names, call.label, code, call.params)
            expr = values.value(p, node, keep_x=True)
        else:
            expr = _param(p, call.label, param, node)
        span = node.span if key is site.key else key.span.to(node.span)
        params.append(Argument(span, name, expr))
    if spec is not None:
        _check_required(p, call, spec)
    awaits = False
    if call.awaits is not None:
        awaits = _await(p, call.awaits[1])
    until: Expr | Address | None = None
    if call.until is not None:
        until = values.until(p, call.until[1])
    timeout = call.timeout
    return Domain(
        span=site.span,
        name=site.name,
        name_span=site.key.span,
        params=params,
        awaits=awaits,
        until=until,
        timeout=None if timeout is None or is_null(timeout[1]) else values.duration(p, timeout[1], "timeout"),
        on_timeout=list_or_channel(p, call.on_timeout),
        result=_result(p, call),
    )


def _await(p: Parser, node: CstNode) -> bool:
    if isinstance(node, CstScalar):
        if isinstance(node.value, bool):
            return node.value
        word = node.text.strip().lower()
        if word in ("completion", "true"):
            return True
        if word == "false" or node.value is None:
            return False
    p.not_allowed(node, "await", "completion or true", ("completion", "true"))
    return True


def _result(p: Parser, call: _Call) -> Target | None:
    if call.into is None:
        return None
    key, node = call.into
    spec = call.spec
    if spec is not None and spec.result_identifier:
        name = node.text.strip() if isinstance(node, CstScalar) else ""
        if not IDENTIFIER.fullmatch(name):
            _not_an_identifier(p, call.site.name, key.text, node)
            return None
    return values.target(p, node, key.text)


def _check_required(p: Parser, call: _Call, spec: ActionSpec) -> None:
    """Required parameters that are missing or null (ABML507, for texts of speech ABML162)."""
    site = call.site
    lacks: list[str] = []
    for param in spec.params.values():
        if param.required and (param.name not in call.params or is_null(call.params[param.name][1])):
            lacks.append(param.name)
    for group in spec.one_of:
        if not any(name in call.params and not is_null(call.params[name][1]) for name in group):
            lacks.append("' or '".join(group))
    if spec.result == "required" and call.into is None:
        lacks.append(spec.result_key)
    for name in lacks:
        p.report(spec.missing_code, site.key.span, action=call.label, parameter=name, field=name)


def _not_an_identifier(p: Parser, action: str, parameter: str, node: CstNode) -> None:
    value = shown(node)
    suggestion = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in value).lstrip("0123456789")
    p.report(508, node.span, value=value, parameter=parameter, action=action, suggestion=suggestion.strip("_") or None)


# ------------------------------------------------------------------ parameters


def _param(p: Parser, action: str, param: ParamSpec, node: CstNode) -> Expr:
    """One parameter in the context its table gives."""
    context = param.context
    if context == "VA":
        if param.words is not None and isinstance(node, CstScalar) and isinstance(node.value, str):
            number = param.words.get(node.text.strip().lower())
            if number is not None:
                return Literal(node.span, number)
        expr = values.value(p, node, string=param.type == "string", keep_x=True)
    elif context == "TX":
        return values.text(p, node, param.name)
    elif context == "LI":
        return _literal(p, action, param, node)
    elif context == "DU":
        if is_null(node):
            return Literal(node.span, None)
        return values.duration(p, node, param.name, values.MICROS_MS if param.unit == "ms" else values.MICROS_S)
    else:
        if is_null(node):
            return Literal(node.span, None)
        expr = values.collection(p, node, param.name)
    _check_type(p, action, param, node, expr)
    return expr


def _literal(p: Parser, action: str, param: ParamSpec, node: CstNode) -> Expr:
    if param.is_list:
        if isinstance(node, CstSequence):
            return ListExpr(node.span, [_literal_text(p, item, param.name) for item in node.items])
        if isinstance(node, CstScalar) and not is_null(node):
            if "${" in node.text:
                return values.value(p, node)
            return ListExpr(node.span, [Literal(node.span, node.text)])
        if is_null(node):
            return Literal(node.span, None)
        _wrong_type(p, action, param, node, "a list")
        return Literal(node.span, None)
    if is_null(node):
        return Literal(node.span, None)
    if not isinstance(node, CstScalar):
        _wrong_type(p, action, param, node, "a text")
        return Literal(node.span, None)
    if param.is_dynamic and "${" in node.text:
        return values.value(p, node, string=True)
    text = node.text.strip()
    if param.is_identifier and not IDENTIFIER.fullmatch(text):
        _not_an_identifier(p, action, param.name, node)
    return Literal(node.span, text)


def _literal_text(p: Parser, node: CstNode, field: str) -> Expr:
    text = values.literal(p, node, field)
    return Literal(node.span, text)


def _check_type(p: Parser, action: str, param: ParamSpec, node: CstNode, expr: Expr) -> None:
    """ABML509 where the literal written can never fit."""
    kind = param.type.split("<", 1)[0].rstrip("?").strip()
    expected = _EXPECTED.get(kind)
    if isinstance(expr, (ListExpr, MapExpr)):
        wanted: type[Expr] = MapExpr if expected == "a mapping" else ListExpr
        if kind == "string":
            _wrong_type(p, action, param, node, "a text")
        elif expected is not None and (expected not in ("a list", "a mapping") or not isinstance(expr, wanted)):
            _wrong_type(p, action, param, node, expected)
        return
    if expected is None or not isinstance(expr, Literal) or expr.value is None:
        return
    fitting = _FITS.get(kind)
    value = expr.value
    if fitting is None or not isinstance(value, fitting) or (isinstance(value, bool) and bool not in fitting):
        _wrong_type(p, action, param, node, expected)


def _wrong_type(p: Parser, action: str, param: ParamSpec, node: CstNode, expected: str) -> None:
    p.report(509, node.span, parameter=param.name, action=action, expected=expected, found=clip(describe(node)))


# ---------------------------------------------------------------- older forms


def _schedule_event(p: Parser, action: Domain) -> Domain:
    """`delay` and `delay_seconds` become `delay_ms` (R12)."""
    for argument in action.params:
        expr = argument.value
        if argument.name == "delay_seconds":
            if isinstance(expr, Literal):
                if isinstance(expr.value, (int, float)) and not isinstance(expr.value, bool):
                    millis = expr.value * 1000
                    whole = isinstance(millis, float) and millis.is_integer()
                    argument.value = Literal(expr.span, int(millis) if whole else millis)
            else:
                argument.value = Binary(expr.span, "*", expr, Literal(expr.span, 1000))
            argument.name = "delay_ms"
        elif argument.name == "delay" and isinstance(expr, Literal) and isinstance(expr.value, Duration):
            argument.name = "delay_ms"
            argument.value = Literal(expr.span, expr.value.micros // 1000)
    return action


def _publish(p: Parser, action: Domain) -> Domain:
    """`publish: {event: X, data: {…}}` is `emit_event: {template: X, …}` (R13).

    Data that is computed has no known fields; then the action stays as it is.
    """
    params: list[Argument] = []
    for argument in action.params:
        if argument.name == "event":
            params.append(Argument(argument.span, "template", argument.value))
        elif argument.name == "data" and isinstance(argument.value, MapExpr):
            for key, value in argument.value.entries:
                name = key.value if isinstance(key, Literal) else ""
                params.append(Argument(key.span.to(value.span), str(name), value))
        elif argument.name == "data" and isinstance(argument.value, Literal) and argument.value.value is None:
            continue
        else:
            return action
    if not any(argument.name == "template" for argument in params):
        return action
    action.name = "emit_event"
    action.params = params
    return action


_SPECIAL = {"schedule_event": _schedule_event, "publish": _publish}

BUILDERS["*"] = domain
for _name in ("load_snapshot", "prefetch_snapshots", "watch", "unwatch"):
    BUILDERS[_name] = domain
