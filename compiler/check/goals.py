"""Checks of goals and GOAP annotations (ABML604, 605, 606, 609)."""

from __future__ import annotations

from abml.syntax import ast

from .inspection import Inspection


def check_goals(ins: Inspection) -> None:
    """ABML604 and ABML605: goals that always hold, goals nothing can bring about."""
    produced = _produced(ins)
    for goal in ins.model.goals:
        node = goal.node
        if not node.conditions:
            ins.report(604, node.name_span, name=goal.name)
        elif not ins.fragment and not any(entry.key in produced for entry in node.conditions):
            keys = ", ".join(dict.fromkeys(entry.key for entry in node.conditions))
            ins.report(605, node.name_span, name=goal.name, keys=keys)


def check_flows(ins: Inspection) -> None:
    """ABML606 and ABML609: facts that only the world gives, effects with alternatives."""
    told = _produced(ins) | {name for doc in ins.model.documents for name in doc.node.world_state}
    manifest = ins.environment.manifest
    facts = manifest.facts if manifest is not None else frozenset()
    for flow in ins.model.flows:
        goap = flow.node.goap
        if goap is None:
            continue
        variables = ins.model.documents[flow.doc].variables
        for entry in goap.preconditions:
            # A declared variable or fact says where the value comes from.
            known = entry.key in told or entry.key in facts or entry.key.split(".")[0] in variables
            if not known and not ins.fragment and ins.first(606, entry.key):
                ins.report(606, entry.span, key=entry.key)
        for entry in goap.effects:
            if len(entry.alternatives) > 0:
                ins.report(609, entry.span, written=entry.text, first=_first(entry))


def _first(entry: ast.GoapEntry) -> str:
    return entry.text.split(" or ")[0].strip()


def _produced(ins: Inspection) -> set[str]:
    """Every fact that some flow of the program has an effect on."""
    return {entry.key for flow in ins.model.flows if flow.node.goap is not None for entry in flow.node.goap.effects}
