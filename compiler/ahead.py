"""Loads of a loop that can be fetched together before its first round (language 8.6).

A loop that loads the snapshot of each of its elements asks the library once per
round. Where every round is sure to come to its load, the ids are known when the
collection is, and the library can be asked for all of them at once. What is told
apart here is only whether that saves anything: the loads themselves stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from abml.syntax import ast
from abml.syntax.visitor import lists_of

_PARAMS = frozenset(("resource_type", "resource_id", "name", "filter"))

# What may end the loop, or let so much time pass that data of before it would be old.
_ENDS = (ast.Return, ast.Goto, ast.BranchTo, ast.ContinuationPoint)
_WAITS = (ast.Wait, ast.WaitFor, ast.Sync, ast.Choice, ast.Qte)


class Ahead(NamedTuple):
    """A load whose resources can be fetched before the loop around it.

    Attributes:
        load: the action.
        resource_type: what it loads.
        path: the steps from an element to the id; none: the element is the id.
        filter: its filter as written.
    """

    load: ast.Domain
    resource_type: str
    path: tuple[str, ...]
    filter: tuple[str, ...]

    @property
    def data(self) -> dict[str, object]:
        """What the runtime has to know, for the site of the instruction."""
        return {"type": self.resource_type, "path": list(self.path), "filter": list(self.filter)}


def find(loop: ast.ForEach) -> list[Ahead]:
    """The loads of a loop that every round comes to; none where a round may be the last, or may wait."""
    found = list(_candidates(loop))
    if not found or any(_may_end(action, is_own=True) for action in loop.body.items):
        return []
    return found


def _candidates(loop: ast.ForEach) -> Iterator[Ahead]:
    for action in loop.body.items:
        ahead = _load(action, loop.variable)
        if ahead is not None:
            yield ahead
        if _may_skip(action, is_own=True) or _writes(action, loop.variable):
            return


def _load(action: ast.Action, variable: str) -> Ahead | None:
    """A load without a condition whose id is the loop variable or a member of it."""
    if not isinstance(action, ast.Domain) or action.name != "load_snapshot" or action.route is not None:
        return None
    if action.when is not None or action.result is not None or _awaits(action):
        return None
    params = {param.name: param.value for param in action.params}
    if not params.keys() <= _PARAMS or "name" not in params or "resource_id" not in params:
        return None
    kind = _texts(params.get("resource_type"))
    path = _path(params["resource_id"], variable)
    given = _texts(params["filter"]) if "filter" in params else ()
    if kind is None or len(kind) != 1 or path is None or given is None:
        return None
    return Ahead(action, kind[0], path, given)


def _texts(node: ast.Expr | None) -> tuple[str, ...] | None:
    """A written text or list of texts; None for what is known only when it runs."""
    items = node.items if isinstance(node, ast.ListExpr) else [node]
    found = [item.value for item in items if isinstance(item, ast.Literal) and isinstance(item.value, str)]
    return tuple(found) if len(found) == len(items) and all(found) else None


def _path(node: ast.Expr, variable: str) -> tuple[str, ...] | None:
    """The steps of `variable.a.b`; None for any other expression."""
    steps: list[str] = []
    while isinstance(node, ast.Member) and not node.guarded:
        steps.append(node.name)
        node = node.target
    if not isinstance(node, ast.Name) or node.name != variable:
        return None
    return tuple(reversed(steps))


def _awaits(action: ast.Domain) -> bool:
    return action.awaits or action.until is not None or action.timeout is not None


def _may_end(action: ast.Action, *, is_own: bool) -> bool:
    """Whether an action may leave the loop or wait; a `break` counts where it belongs to this loop (`is_own`)."""
    if isinstance(action, (*_ENDS, *_WAITS)) or (isinstance(action, ast.Domain) and _awaits(action)):
        return True
    if isinstance(action, ast.LoopControl):
        return is_own and action.name == "break"
    is_own = is_own and not isinstance(action, (ast.ForEach, ast.Repeat))
    return any(_may_end(inner, is_own=is_own) for body in lists_of(action) for inner in body.items)


def _may_skip(action: ast.Action, *, is_own: bool) -> bool:
    """Whether a round may be over, or elsewhere, after an action that `_may_end` finds harmless."""
    if isinstance(action, (ast.Guard, ast.CallFlow)) or (isinstance(action, ast.LoopControl) and is_own):
        return True
    is_own = is_own and not isinstance(action, (ast.ForEach, ast.Repeat))
    return any(_may_skip(inner, is_own=is_own) for body in lists_of(action) for inner in body.items)


def _writes(action: ast.Action, variable: str) -> bool:
    """Whether the loop variable may be another one afterwards."""
    targets = [getattr(action, name, None) for name in ("target", "result", "into")]
    if isinstance(action, ast.Assign):
        targets += [assignment.target for assignment in action.assignments]
    if any(isinstance(target, ast.Target) and target.name == variable for target in targets):
        return True
    return any(_writes(inner, variable) for body in lists_of(action) for inner in body.items)
