"""Checks of host actions and intents (ABML311, 312, 503-505, 509, 511, 512, 806)."""

from __future__ import annotations

from abml.actions import ARCHETYPE_CHANNELS, PHYSICAL_CHANNELS, ActionSpec, ParamSpec
from abml.syntax import ast

from .gather import result_spec
from .inspection import Inspection

_SPOKEN = frozenset(("speak", "shout", "narrate"))


def check_actions(ins: Inspection) -> None:
    """Every domain action against the manifest and the tables of language 8.

    What the words of one action alone decide (507, 508, 510, most of 509) the
    parser has reported.
    """
    for site in ins.facts.sites:
        action = site.action
        if isinstance(action, ast.Domain):
            if action.route is not None and not _check_route(ins, action):
                continue
            spec = result_spec(action, ins.environment)
            if spec is None:
                _check_known(ins, action)
            else:
                _check_spec(ins, action, spec)


def _check_route(ins: Inspection, action: ast.Domain) -> bool:
    """ABML503 and ABML504; True when the route leads to an action that is known."""
    manifest = ins.environment.manifest
    route = action.route or ""
    if manifest is None:
        ins.report(504, action.name_span, route=route)
        return False
    if route in manifest.routes:
        return True
    # The route stands behind the key; what is in further lines are its parameters.
    line = action.span._replace(end_line=action.span.line, end_column=action.span.column + 1_000)
    ins.report(503, action.name_span, route=route, **ins.near(line, route, manifest.routes))
    return False


def _check_known(ins: Inspection, action: ast.Domain) -> None:
    manifest = ins.environment.manifest
    if manifest is None:
        return
    name = action.name
    near = ins.near(action.name_span, name, manifest.actions)
    ins.report(505, action.name_span, name=name, **near)


def _check_spec(ins: Inspection, action: ast.Domain, spec: ActionSpec) -> None:
    name = action.name
    given = {spec.names.get(param.name, param.name): param for param in action.params}
    for key, param in given.items():
        known = spec.params.get(key)
        if known is not None:
            _check_param(ins, action, known, param)
    if action.awaits and spec.await_mode == "none":
        ins.report(511, action.name_span, action=name)
    kind = ins.docset.root.metadata.type
    if spec.document_types and kind not in spec.document_types and not ins.fragment:
        allowed = ", ".join(sorted(spec.document_types))
        ins.report(512, action.name_span, action=name, type=kind, allowed=allowed)
    if name in _SPOKEN and "dialogue_ref" in given and "text" not in given:
        reference = given["dialogue_ref"].value
        shown = reference.value if isinstance(reference, ast.Literal) else "…"
        ins.report(806, reference.span, reference=shown)


def _check_param(ins: Inspection, action: ast.Domain, spec: ParamSpec, param: ast.Argument) -> None:
    """ABML311 for urgencies, ABML509 for words that an enum does not have."""
    value = param.value
    if spec.name == "urgency":
        _check_unit(ins, value, "urgency")
    if spec.type.startswith("enum") and isinstance(value, ast.Literal) and value.value is not None:
        inside = spec.type.partition("(")[2].rpartition(")")[0]
        members = [member.strip().strip("'\"") for member in inside.split(",")]
        written = value.raw if value.raw is not None else value.value
        if written not in members:
            near = ins.nearest(written, members) if isinstance(written, str) else None
            hint = f"did you mean '{near}'?" if near is not None else None
            expected = "one of " + ", ".join(members)
            ins.report(
                509, value.span, action=action.name, parameter=param.name, expected=expected, found=written, hint=hint
            )


# ---------------------------------------------------------------------- intents


def check_intents(ins: Inspection) -> None:
    """ABML311 for literals outside 0..1 and ABML312 for channels nothing is known of."""
    for site in ins.facts.sites:
        action = site.action
        if isinstance(action, ast.EmitIntent):
            for intent in action.intents:
                if intent.urgency is not None:
                    _check_unit(ins, intent.urgency, "urgency")
                _check_channel(ins, site.body.doc, intent)
    for info in ins.model.documents:
        for options in (info.node.options or {}).values():
            for option in options:
                _check_unit(ins, option.preference, "preference")
                if option.risk is not None:
                    _check_unit(ins, option.risk, "risk")


def _check_unit(ins: Inspection, value: ast.Expr, field: str) -> None:
    if isinstance(value, ast.Unary) and value.op == "-" and isinstance(value.operand, ast.Literal):
        number = value.operand.value
        number = -number if isinstance(number, (int, float)) and not isinstance(number, bool) else None
    else:
        number = value.value if isinstance(value, ast.Literal) else None
    if isinstance(number, (int, float)) and not isinstance(number, bool) and not 0 <= number <= 1:
        ins.report(311, value.span, value=number, field=field)


def _check_channel(ins: Inspection, doc: int, intent: ast.Intent) -> None:
    """Once per name and document; a scene that uses one name fifty times has one mistake."""
    name = intent.channel.name
    if name is None:
        return
    archetype = (ins.model.documents[doc].node.metadata.archetype or "").lower()
    if archetype and archetype not in ARCHETYPE_CHANNELS:
        # The host has an archetype of its own, and its channels are its own.
        return
    known = [*PHYSICAL_CHANNELS, *ARCHETYPE_CHANNELS.get(archetype, ())]
    lowered = name.lower()
    if lowered in known or not ins.first(312, doc, lowered):
        return
    owners = [kind for kind, names in ARCHETYPE_CHANNELS.items() if lowered in names]
    shown = ", ".join(dict.fromkeys(known))
    if owners:
        text = f"the intent channel '{name}' belongs to the archetype {' or '.join(owners)}; " + (
            f"a {archetype} has {shown}" if archetype else "this document has no archetype"
        )
        hint = None if archetype else f"write 'archetype: {owners[0]}' in 'metadata'"
        ins.report(312, intent.channel.span, text=text, hint=hint)
    else:
        everything = [*known, *(channel for names in ARCHETYPE_CHANNELS.values() for channel in names)]
        ins.report(312, intent.channel.span, name=name, known=shown, **ins.near(intent.channel.span, name, everything))
