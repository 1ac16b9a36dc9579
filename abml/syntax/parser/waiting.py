"""Time and channels: `wait`, `wait_for`, `emit`, `sync`, `continuation_point`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.syntax.ast import Action, Address, ContinuationPoint, Emit, Expr, Sync, Wait, WaitFor
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

from . import values
from .base import Fields, Parser, is_blank, is_null
from .items import BUILDERS, Site, list_or_channel, list_or_name

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstNode

_WAIT_FIELDS = {"duration": "duration", "until": "until", "timeout": "timeout", "on_timeout": "on_timeout"}
_WAIT_FOR_FIELDS = {
    "signal": "signals",
    "signals": "signals",
    "mode": "mode",
    "all_of": "all_of",
    "any_of": "any_of",
    "timeout": "timeout",
    "on_timeout": "on_timeout",
}
_EMIT_FIELDS = {"signal": "signal", "name": "signal", "payload": "payload", "data": "payload"}
_SYNC_FIELDS = {"point": "point", "participants": "participants", "timeout": "timeout", "on_timeout": "on_timeout"}
_POINT_FIELDS = {"name": "name", "timeout": "timeout", "default_flow": "default_flow"}


def _time(p: Parser, found: Fields, field: str) -> Expr | None:
    """A duration field in seconds; null counts as absent."""
    entry = found.get(field)
    if entry is None or is_null(entry[1]):
        return None
    return values.duration(p, entry[1], entry[0].text)


def wait(p: Parser, site: Site) -> Action | None:
    """`wait: 2s`, `wait: {duration, until, timeout, on_timeout}`, `delay` (S6)."""
    found = site.scalar_or_fields(p, _WAIT_FIELDS, "duration")
    if found is None:
        return None
    duration = _time(p, found, "duration")
    until: Expr | Address | None = None
    given = found.get("until")
    if given is not None:
        until = values.until(p, given[1])
    elif duration is None:
        p.missing(site.key.span, "wait", "duration")
    return Wait(
        span=site.span,
        name="wait",
        name_span=site.key.span,
        duration=duration,
        until=until,
        timeout=_time(p, found, "timeout"),
        on_timeout=list_or_channel(p, found.get("on_timeout")),
    )


# ------------------------------------------------------------------- wait_for


def wait_for(p: Parser, site: Site) -> Action | None:
    """`wait_for`: an address, a list of them, or a mapping (S2 to S4)."""
    node = site.value
    addresses: list[Address] = []
    mode = "all_of"
    if isinstance(node, CstSequence):
        found: Fields = site.merged(p, {}, _WAIT_FOR_FIELDS)
        _addresses(p, node, addresses)
        given = bool(node.items)
    else:
        fields = site.scalar_or_fields(p, _WAIT_FOR_FIELDS, "signals")
        if fields is None:
            return None
        found = fields
        mode, given = _conditions(p, found, addresses)
    if not given:
        p.report(704, site.key.span)
    action = WaitFor(
        span=site.span,
        name="wait_for",
        name_span=site.key.span,
        addresses=addresses,
        mode=mode,
        timeout=_time(p, found, "timeout"),
        on_timeout=list_or_name(p, found.get("on_timeout")),
    )
    return action if addresses else None


def _conditions(p: Parser, found: Fields, addresses: list[Address]) -> tuple[str, bool]:
    """Read the addresses of a mapping; the mode, and whether there were any."""
    mode = "all_of"
    source: tuple[CstScalar, CstNode] | None = None
    for field in ("signals", "all_of", "any_of"):
        entry = found.get(field)
        if entry is None or is_blank(entry[1]):
            continue
        if source is not None:
            p.given_twice(entry[0], source[0])
            continue
        source = entry
        if field != "signals":
            mode = field
        _addresses(p, entry[1], addresses)
    given = found.get("mode")
    if given is not None:
        word = given[1].text.strip() if isinstance(given[1], CstScalar) else ""
        if word in ("all_of", "any_of") and (source is None or source[0].text not in ("all_of", "any_of")):
            mode = word
        elif word != mode:
            p.not_allowed(given[1], "mode", "all_of or any_of", ("all_of", "any_of"))
    return mode, source is not None and not (isinstance(source[1], CstSequence) and not source[1].items)


def _addresses(p: Parser, node: CstNode, addresses: list[Address]) -> None:
    for item in node.items if isinstance(node, CstSequence) else [node]:
        if is_null(item):
            continue
        found = values.address(p, item)
        if found is not None:
            addresses.append(found)


# ----------------------------------------------------------------- emit, sync


def emit(p: Parser, site: Site) -> Action | None:
    """`emit: signal`, `emit: {signal, payload}` (S1)."""
    found = site.scalar_or_fields(p, _EMIT_FIELDS, "signal")
    if found is None:
        return None
    node = site.required(p, found, "signal")
    payload = found.get("payload")
    expr = None if payload is None else values.value(p, payload[1])
    signal = None if node is None else values.reference(p, node, "signal")
    if signal is None:
        return None
    if signal.name is not None and isinstance(node, CstScalar):
        p.name(node, "signal")
    return Emit(span=site.span, name="emit", name_span=site.key.span, signal=signal, payload=expr)


def sync(p: Parser, site: Site) -> Action | None:
    """`sync: mark`, `sync: {point, participants, timeout, on_timeout}` (S5)."""
    found = site.scalar_or_fields(p, _SYNC_FIELDS, "point")
    if found is None:
        return None
    node = site.required(p, found, "point")
    point = None if node is None else values.literal(p, node, "point")
    given = found.get("participants")
    action = Sync(
        span=site.span,
        name="sync",
        name_span=site.key.span,
        point=point or "",
        participants=None if given is None or is_null(given[1]) else p.texts(given[1], "participants"),
        timeout=_time(p, found, "timeout"),
        on_timeout=list_or_name(p, found.get("on_timeout")),
    )
    return None if point is None else action


# --------------------------------------------------------- continuation points


def continuation_point(p: Parser, site: Site) -> Action | None:
    """`continuation_point: {name, timeout, default_flow}`; a bare number is milliseconds."""
    found: Fields = {}
    if isinstance(site.value, CstMapping):
        found = site.fields(p, _POINT_FIELDS)
    elif isinstance(site.value, CstScalar):
        if not is_null(site.value):
            found["name"] = (site.key, site.value)
        site.merged(p, found, _POINT_FIELDS)
    else:
        p.not_allowed(site.value, "continuation_point", "a mapping with 'name', 'timeout' and 'default_flow'")
        return None
    lacks = [field for field in ("name", "timeout", "default_flow") if field not in found or is_blank(found[field][1])]
    for field in lacks:
        p.report(228, site.key.span, field=field)
    timeout = None
    if "timeout" not in lacks:
        timeout = values.duration(p, found["timeout"][1], "timeout", values.MICROS_MS)
    point = None if "name" in lacks else values.literal(p, found["name"][1], "name")
    flow = None if "default_flow" in lacks else values.flow_target(p, found["default_flow"][1], "default_flow")
    if timeout is None or point is None or flow is None:
        return None
    return ContinuationPoint(
        span=site.span,
        name="continuation_point",
        name_span=site.key.span,
        point=point,
        timeout=timeout,
        default_flow=flow,
    )


BUILDERS.update(
    {"wait": wait, "wait_for": wait_for, "emit": emit, "sync": sync, "continuation_point": continuation_point}
)
