"""Lowering of fetch modes: paths that load a snapshot on access, stores that keep a resource at hand (language 8.6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abml.compiler.bytecode.program import Site
from abml.syntax import ast

if TYPE_CHECKING:
    from .actions import Actions
    from .expressions import Expressions


def automatic(e: Expressions, node: ast.Member, target: int) -> int | None:
    """Code that puts the snapshot in the place of an id before a step that names a template; None for other steps."""
    tables = e.model.automatic
    names = tables[e.b.doc] if tables else {}
    if node.name not in names or not isinstance(node.target, ast.Name):
        return None
    metadata = e.model.documents[e.b.doc].node.metadata
    resource = resource_type(names[node.name])
    declared = [item for item in metadata.resource_templates if resource_type(item.type) == resource]
    data = {
        "type": resource,
        "sources": list(dict.fromkeys(item.type for item in declared)),
        "aliases": [[item.alias, item.type] for item in declared if item.alias is not None],
    }
    return e.b.into("AUTO", target, e.b.pool.site(Site("auto", node.name, data=data)))


def track(a: Actions, kind: str, name: str, value: int) -> None:
    """Code that tells what a tracked variable was given; nothing for other variables."""
    tables = a.model.tracked
    resource = tables[a.b.doc].get(name) if tables and kind != "local" else None
    if resource is None:
        return
    b = a.b
    b.push([b.const(resource), value, b.const(name)])
    params = ("resource_type", "resource_id", "variable")
    site = Site("action", "track_resource", names=params, count=len(params))
    b.emit("ACT", b.new(), b.pool.site(site), 0, None)
    b.start()


def resource_type(template_type: str) -> str:
    """The type of the resources that a template describes: the part before the first `-`, or all of it."""
    return template_type.partition("-")[0]
