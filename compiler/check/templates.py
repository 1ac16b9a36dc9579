"""Checks of declared resource templates (ABML401, 406, 407), and the way to those of what is read from them."""

from __future__ import annotations

from abml.compiler import ahead
from abml.diagnostics import Note
from abml.resource_templates import PSEUDO_KEYS, TemplateRegistry, is_template_type, template_type_like
from abml.syntax import ast

from .inspection import Inspection


def check_metadata(ins: Inspection) -> None:
    """The `resource_templates` of every document; the parser checks `fetch_mode`."""
    for info in ins.model.documents:
        metadata = info.node.metadata
        seen: dict[str, ast.ResourceTemplate] = {}
        for template in metadata.resource_templates:
            if not is_template_type(template.type):
                ins.report(401, template.span, type=template.type, suggestion=template_type_like(template.type))
                continue
            first = seen.setdefault(template.type, template)
            if first is not template:
                note = Note("first declared here", first.span)
                ins.report(406, template.span, type=template.type, notes=(note,))
        _check_aliases(ins, metadata.resource_templates)


def check_uses(ins: Inspection) -> None:
    """What documents load and read, against declarations and registry (ABML402-405, 408, 410-414)."""
    registry = ins.environment.templates
    declares = any(info.node.metadata.resource_templates for info in ins.model.documents)
    if declares or registry is not None or ins.model.snapshots:
        # Few documents use resources; the others do not pay for the modules.
        from .resource_reads import check_resources

        check_resources(ins)


def check_loops(ins: Inspection) -> None:
    """ABML415 at the loads of the entry document that are fetched before their loops; for style findings only."""
    for site in ins.facts.sites:
        if isinstance(site.action, ast.ForEach) and site.body.doc == 0:
            for found in ahead.find(site.action):
                ins.report(415, found.load.name_span)


def _check_aliases(ins: Inspection, templates: list[ast.ResourceTemplate]) -> None:
    """ABML407: an alias that means something else already; letter case makes no difference in paths."""
    registry = ins.environment.templates or TemplateRegistry()
    taken: dict[str, tuple[str, str]] = {}
    for template in templates:
        taken.setdefault(template.type.casefold(), (template.type, f"the type of '{template.type}'"))
        name = registry.namespace(template.type)
        taken.setdefault(name.casefold(), (template.type, f"the namespace of '{template.type}'"))
    for template in templates:
        for name in registry.aliases(template.type):
            taken.setdefault(name.casefold(), (template.type, f"a name of '{template.type}'"))
    pseudo = {key.casefold() for key in PSEUDO_KEYS}
    for template in templates:
        alias = template.alias
        if alias is None:
            continue
        key = alias.casefold()
        owner, other = taken.get(key, (template.type, ""))
        if key in pseudo:
            ins.report(407, template.alias_span or template.span, alias=alias, other="a key of every snapshot")
        elif owner != template.type:
            ins.report(407, template.alias_span or template.span, alias=alias, other=other)
        if key not in taken:
            taken[key] = (template.type, f"the alias of '{template.type}'")
