"""Variables whose ids are kept at hand when they are stored (fetch modes `track_on_store` and `all`, language 8.6)."""

from __future__ import annotations

from abml.resource_templates import is_template_type
from abml.syntax import ast

from .resources import Resources, param_of, text_of

_MODES = frozenset(("track_on_store", "all"))


def tracked_variables(resources: Resources) -> list[dict[str, str]]:
    """By document, the variables to track -> type of the resources.

    They are those that `metadata.track` lists (runtime 6.8), and those that take a value from `<v>.id`
    somewhere in the document.
    """
    ins = resources.ins
    found: list[dict[str, str]] = []
    for info in ins.model.documents:
        metadata = info.node.metadata
        listed = metadata.fields.get("track") if metadata.fetch_mode in _MODES else None
        names = listed.items() if isinstance(listed, dict) else ()
        found.append({name: kind for name, kind in names if isinstance(name, str) and isinstance(kind, str) and kind})
    for site in ins.facts.sites:
        metadata = ins.model.documents[site.body.doc].node.metadata
        if metadata.fetch_mode not in _MODES or not isinstance(site.action, ast.Assign) or site.action.name == "local":
            continue
        for item in site.action.assignments:
            owner = _owner(item.value)
            if owner is not None and item.op == "=" and not item.target.steps:
                kind = _type_of(resources, owner, metadata)
                if kind is not None:
                    found[site.body.doc].setdefault(item.target.name, kind)
    return found


def _owner(value: ast.Expr) -> str | None:
    """The name `v` of a value `v.id`."""
    while isinstance(value, ast.Chain):
        value = value.body
    if not isinstance(value, ast.Member) or value.name != "id" or not isinstance(value.target, ast.Name):
        return None
    return value.target.name


def _type_of(resources: Resources, owner: str, metadata: ast.Metadata) -> str | None:
    """What the snapshot under a name is of, else what the first declared template describes."""
    for load in resources.loads.get(owner, ()):
        if isinstance(load.site.action, ast.Domain):
            param = param_of(load.site.action, "resource_type")
            kind = None if param is None else text_of(param.value)
            if kind is not None:
                return kind
    types = [item.type for item in metadata.resource_templates if is_template_type(item.type)]
    return types[0].partition("-")[0] if types else None
