"""Checks of declared resource templates (ABML401, 406, 407), and the way to those of what is read from them."""

from __future__ import annotations

from abml.diagnostics import Note
from abml.environment import namespace_of
from abml.syntax import ast

from .inspection import Inspection

#: Keys every snapshot provider has (language 8.6, runtime 6.5).
PSEUDO_KEYS = frozenset(
    (
        *("_error", "_loaded", "_type", "_id", "_age", "_sources", "id"),
        *("_partial", "_stale", "_missing", "_loaded_at", "_kind"),
    )
)

_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_TYPE_CHARACTERS = _LETTERS | frozenset("0123456789")


def check_metadata(ins: Inspection) -> None:
    """The `resource_templates` of every document; the parser checks `fetch_mode`."""
    for info in ins.model.documents:
        metadata = info.node.metadata
        seen: dict[str, ast.ResourceTemplate] = {}
        for template in metadata.resource_templates:
            if not is_template_type(template.type):
                ins.report(401, template.span, type=template.type, suggestion=_suggestion(template.type))
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


def is_template_type(text: str) -> bool:
    """Whether a text matches the pattern of template types (language 0.2)."""
    parts = text.split("-")
    return bool(text) and text[0] in _LETTERS and all(part and set(part) <= _TYPE_CHARACTERS for part in parts)


def _suggestion(text: str) -> str | None:
    """`TowerCrew` and `tower_crew` as `tower-crew`; None when nothing can be made of a text."""
    words = ""
    for at, character in enumerate(text):
        if character.isupper() and at and not text[at - 1].isupper():
            words += "-"
        words += character.lower() if character.isascii() and character.isalnum() else "-"
    joined = "-".join(part for part in words.split("-") if part)
    return joined if is_template_type(joined) else None


def _check_aliases(ins: Inspection, templates: list[ast.ResourceTemplate]) -> None:
    """ABML407: an alias that means something else already."""
    registry = ins.environment.templates
    namespaces: dict[str, str] = {}
    for template in templates:
        name = registry.namespace(template.type) if registry is not None else namespace_of(template.type)
        namespaces.setdefault(name, template.type)
    aliases: dict[str, ast.ResourceTemplate] = {}
    for template in templates:
        alias = template.alias
        if alias is None:
            continue
        other: str | None = None
        if alias in PSEUDO_KEYS:
            other = "a key of every snapshot"
        elif alias in aliases:
            other = f"the alias of '{aliases[alias].type}'"
        elif namespaces.get(alias, template.type) != template.type:
            other = f"the namespace of '{namespaces[alias]}'"
        if other is not None:
            ins.report(407, template.span, alias=alias, other=other)
        aliases.setdefault(alias, template)
