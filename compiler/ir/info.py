"""`Program.info`: what a program contains beside code, as plain data.

Expressions appear as the numbers of thunks. Keys are described where they are
written; everything keeps declaration order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.syntax import ast
from abml.syntax.visitor import expression_nodes
from abml.values import Duration

if TYPE_CHECKING:
    from .program import Lowering


# Names that tell of the world around an actor and not of the actor.
_SURROUNDINGS = frozenset(("location", "scene", "transit", "world"))


def describe(low: Lowering) -> dict[str, Any]:
    """The plain data of a program; adds the thunks it names to the lowering's units."""
    model = low.model
    root = model.documents[0].node
    info: dict[str, Any] = {
        "version": root.version,
        "metadata": _metadata(root.metadata),
        "flows": {flow.name: _flow(low, flow.index) for flow in model.flows},
        "channels": {
            channel.name: {
                "unit": low.channel_units[channel.index],
                "document": channel.doc,
                "starts": channel.starts,
                "continuation": channel.continuation,
            }
            for channel in model.channels
        },
        # Barrier -> the units whose code mentions it; a channel that starts in one takes part.
        "sync_points": {
            point.name: sorted({*(low.channel_units[index] for index in point.channels), *point.flows})
            for point in model.sync_points.values()
        },
        "external_signals": sorted(model.external_signals),
        # Every alias path of every document, so that a dynamic reference finds its flow.
        "aliases": [dict(doc.aliases) for doc in model.documents],
        "prefixes": [doc.prefix for doc in model.documents],
        "flow_names": [dict(doc.flows) for doc in model.documents],
        "entry": -1 if model.entry is None else model.entry,
        "entry_by": model.entry_by,
        "tick_entry": -1 if model.tick_entry is None else model.tick_entry,
        "error_unit": _error_unit(low),
        "variables": _variables(low),
        "uses_render": model.uses_render,
    }
    if any(doc.node.metadata.resource_templates for doc in model.documents):
        # By document: an imported one has declarations of its own.
        info["resource_templates"] = [_templates(doc.node.metadata) for doc in model.documents]
    info["init_units"] = [low.init_unit(doc.index) for doc in reversed(model.documents) if doc.variables]
    info["bindings"] = _bindings(low)
    info["config"] = {name: low.value_unit(f"config {name}", 0, value) for name, value in root.config.items()}
    info["requirements"] = [
        {
            "name": item.name,
            "unit": low.value_unit(f"requirement {item.name}", doc.index, item.value),
            "condition": item.is_condition,
        }
        for doc in model.documents
        for item in doc.node.requirements
    ]
    info["services"] = _services(low)
    info["options"] = _options(low, root)
    info["events"] = [
        {
            "pattern": _text(low, "event pattern", item.pattern),
            "handler": item.handler.name,
            "condition": _optional(low, "event condition", item.condition),
        }
        for item in root.events
    ]
    info["subscriptions"] = [_text(low, "subscription", item) for item in root.subscriptions]
    info["perception_filter"] = None
    if root.perception_filter is not None:
        info["perception_filter"] = [
            {
                "pattern": item.pattern,
                "conditions": [low.value_unit("perception check", 0, check) for check in item.conditions],
            }
            for item in root.perception_filter
        ]
    info["goals"] = {
        goal.name: {
            "priority": _plain_or_unit(low, "priority", goal.doc, goal.node.priority),
            "conditions": _entries(low, goal.doc, goal.node.conditions),
            "preconditions": _entries(low, goal.doc, goal.node.preconditions),
            "description": goal.node.description,
        }
        for goal in model.goals
    }
    info["world_state"] = _world_state(low)
    planned = sum(flow.node.goap is not None for flow in model.flows)
    info["goap"] = {
        "has_goap": bool(model.goals) or planned > 0,
        "goal_count": len(model.goals),
        "action_count": planned,
    }
    return info


def _metadata(node: ast.Metadata) -> dict[str, Any]:
    return {
        "id": node.id,
        "type": node.type,
        "description": node.description,
        "tags": list(node.tags),
        "deterministic": node.deterministic,
        "resource_templates": _templates(node),
        "fetch_mode": node.fetch_mode,
        "archetype": node.archetype,
        "fields": _plain(node.fields),
    }


def _templates(node: ast.Metadata) -> list[dict[str, str | None]]:
    return [{"type": item.type, "alias": item.alias} for item in node.resource_templates]


def _plain(value: Any) -> Any:
    """Kept metadata without syntax nodes in it."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str | Duration):
        return value
    if isinstance(value, ast.Literal):
        return value.value
    return str(value)


def _flow(low: Lowering, index: int) -> dict[str, Any]:
    flow = low.model.flows[index]
    node = flow.node
    goap = None
    if node.goap is not None:
        goap = {
            "preconditions": _entries(low, flow.doc, node.goap.preconditions),
            "effects": _entries(low, flow.doc, node.goap.effects),
            "cost": _plain_or_unit(low, "cost", flow.doc, node.goap.cost),
            "tags": list(node.goap.tags),
            "action_type": node.goap.action_type,
            "violations": None if node.goap.violations is None else list(node.goap.violations),
            "cost_modifiers": [_modifier(low, flow.doc, modifier) for modifier in node.goap.cost_modifiers],
        }
    return {
        "unit": index,
        "document": flow.doc,
        "params": [param.name for param in node.params],
        "triggers": [
            {
                "event": trigger.event,
                "condition": _optional(low, f"trigger of {flow.name}", trigger.condition, flow.doc),
                "time_range": trigger.time_range,
                "schedule": trigger.schedule,
            }
            for trigger in node.triggers
        ],
        "goap": goap,
        "description": node.description,
        "tags": list(node.tags),
    }


def _modifier(low: Lowering, doc: int, modifier: ast.CostModifier) -> dict[str, Any]:
    """A cost modifier, under the name of what it stands for: the surroundings it reads, else the personality."""
    parts = [part for part in (modifier.when, modifier.add) if part is not None]
    names = {node.name for part in parts for node in expression_nodes(part) if isinstance(node, ast.Name)}
    return {
        "source": "environment" if names & _SURROUNDINGS else "personality",
        "when": _optional(low, "condition of a cost modifier", modifier.when, doc),
        "add": _plain_or_unit(low, "cost modifier", doc, modifier.add),
    }


def _world_state(low: Lowering) -> dict[str, Any]:
    """Facts by key; those of the root count before those of libraries, whose earlier ones before later ones."""
    found: dict[str, Any] = {}
    for doc in low.model.documents:
        for fact in doc.node.world_state.values():
            if fact.name not in found:
                found[fact.name] = _plain_or_unit(low, f"fact {fact.name}", doc.index, fact.value)
    return found


def _error_unit(low: Lowering) -> int:
    """Unit of the document's error handler; -1: none; -2: it names a flow that does not exist."""
    if low.model.documents[0].node.on_error is None:
        return -1
    return -2 if low.model.error_handler is None else low.model.error_handler


def _variables(low: Lowering) -> dict[str, Any]:
    return {
        doc.prefix + name: {
            "kind": variable.kind,
            "type": None if variable.type is None else variable.type.text or variable.type.name,
            "readonly": variable.readonly,
            "description": variable.node.description,
        }
        for doc in low.model.documents
        for name, variable in doc.variables.items()
    }


def _bindings(low: Lowering) -> list[dict[str, Any]]:
    """In declaration order; `unit` computes the value, later ones may read earlier names."""
    return [
        {
            "group": item.group,
            "name": item.name,
            "unit": low.value_unit(f"binding {item.name}", 0, item.value),
        }
        for item in low.model.documents[0].node.bindings
    ]


def _services(low: Lowering) -> list[dict[str, Any]]:
    merged: dict[str, bool] = {}
    for doc in low.model.documents:
        for service in doc.node.services:
            merged[service.name] = merged.get(service.name, False) or service.required
    return [{"name": name, "required": required} for name, required in merged.items()]


def _options(low: Lowering, root: ast.Document) -> dict[str, Any] | None:
    if root.options is None:
        return None
    return {
        kind: [
            {
                "actionId": option.action_id,
                "preference": low.value_unit(f"preference of {option.action_id}", 0, option.preference),
                "available": low.value_unit(f"availability of {option.action_id}", 0, option.available),
                "risk": _optional(low, f"risk of {option.action_id}", option.risk),
                "cooldownMs": _optional(low, f"cooldown of {option.action_id}", option.cooldown_ms),
                "requirements": list(option.requirements),
                "tags": list(option.tags),
            }
            for option in options
        ]
        for kind, options in root.options.items()
    }


def _optional(low: Lowering, name: str, node: ast.Expr | None, doc: int = 0) -> int:
    """A thunk for an expression that may be absent; -1 then."""
    return -1 if node is None else low.value_unit(name, doc, node)


def _text(low: Lowering, name: str, node: ast.Expr) -> Any:
    """A literal text, or {"unit": n} for one with expressions."""
    return node.value if isinstance(node, ast.Literal) else {"unit": low.value_unit(name, 0, node)}


def _plain_or_unit(low: Lowering, name: str, doc: int, node: ast.Expr) -> Any:
    return node.value if isinstance(node, ast.Literal) else {"unit": low.value_unit(name, doc, node)}


def _entries(low: Lowering, doc: int, entries: list[ast.GoapEntry]) -> list[dict[str, Any]]:
    """GOAP conditions or effects as data: fact, operator, value, the text as written, further alternatives.

    Planning uses the first alternative of an effect (language 10.3); tools show all.
    """
    return [
        {
            "key": entry.key,
            "op": entry.op,
            "value": {"unit": low.value_unit("condition", doc, entry.value)}
            if isinstance(entry.value, ast.Expr)
            else entry.value,
            "text": entry.text,
            "alternatives": [{"op": op, "value": value} for op, value in entry.alternatives],
        }
        for entry in entries
    ]
