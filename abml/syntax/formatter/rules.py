"""Which rule rewrites which action."""

from __future__ import annotations

from collections.abc import Callable

from . import branching, domain, transfers, variables
from .rewriting import Rewriter
from .tree import Mapping, Pair

# A rule gets the item of the action list and its entry with the action key.
Rule = Callable[[Rewriter, Mapping, Pair], None]


def _nothing(r: Rewriter, item: Mapping, pair: Pair) -> None:
    """An action without parameters."""


DOMAIN: Rule = domain.domain

RULES: dict[str, Rule] = {
    "cond": branching.cond,
    "if": branching.if_action,
    "switch": branching.switch,
    "condition": branching.guard,
    "for_each": transfers.for_each,
    "repeat": transfers.repeat,
    "break": _nothing,
    "continue": _nothing,
    "noop": _nothing,
    "parallel": transfers.parallel,
    "call": transfers.call,
    "goto": transfers.call,
    "return": transfers.return_action,
    "branch": transfers.branch,
    "set": variables.assign,
    "local": variables.assign,
    "global": variables.assign,
    "increment": variables.increment,
    "decrement": variables.increment,
    "clear": variables.clear,
    "state_update": variables.state_update,
    "log": transfers.log,
    "wait": transfers.wait,
    "wait_for": transfers.wait_for,
    "emit": transfers.emit,
    "sync": transfers.sync,
    "continuation_point": transfers.shape_rule(transfers.POINT),
    "choice": transfers.shape_rule(transfers.CHOICE),
    "qte": transfers.shape_rule(transfers.QTE),
    "emit_intent": domain.emit_intent,
    "multi_emit": domain.multi_emit,
}
