"""What all rules share: the state of one rewrite, and mappings whose fields have known contexts."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from typing import NamedTuple

from abml.actions import ActionSpec, find_action
from abml.environment import Manifest
from abml.syntax.expressions import MAX_DEPTH

from .names import Names
from .tree import Mapping, Node, Pair, is_blank, is_opaque, one_pair, rename, unwrap, word

# How the value of a field is rewritten.
Context = Callable[["Rewriter", Node], Node]


class Rewriter:
    """The state of one rewrite.

    Attributes:
        names: what the document says about its names.
        channels: the channels it declares.
        manifest: what the host offers, where it is known.
    """

    __slots__ = ("channels", "manifest", "max_depth", "names")

    def __init__(self, names: Names, channels: frozenset[str], manifest: Manifest | None) -> None:
        self.names = names
        self.channels = channels
        self.manifest = manifest
        self.max_depth = MAX_DEPTH

    def action_spec(self, name: str) -> ActionSpec | None:
        """The manifest's or the standard spec of an action."""
        spec = None if self.manifest is None else self.manifest.action(name)
        return find_action(name) if spec is None else spec


class Shape(NamedTuple):
    """The fields of an action or section.

    Attributes:
        fields: canonical name -> context; None leaves the value alone.
        older: other spelling -> canonical name.
        primary: the field a scalar argument goes to.
    """

    fields: AnyMapping[str, Context | None]
    older: AnyMapping[str, str] = {}
    primary: str | None = None


def apply_shape(r: Rewriter, node: Node, shape: Shape) -> bool:
    """Give the fields of a mapping their canonical names and rewrite their values.

    Returns:
        False for a node that is no mapping, or that has a field under two names.
    """
    if not isinstance(node, Mapping) or is_opaque(node):
        return False
    taken: set[str] = set()
    for pair in node.pairs:
        name = shape.older.get(pair.name, pair.name)
        if name in taken:
            return False
        taken.add(name)
    for pair in node.pairs:
        canonical = shape.older.get(pair.name)
        if canonical is not None and not pair.key.props:
            rename(pair, canonical)
        context = shape.fields.get(pair.name)
        if context is not None:
            pair.value = context(r, pair.value)
    return True


def apply_primary(r: Rewriter, pair: Pair, shape: Shape) -> None:
    """As `apply_shape` for the argument of an action, which may be the scalar of its primary field."""
    if apply_shape(r, pair.value, shape) or is_opaque(pair.value) or isinstance(pair.value, Mapping):
        return
    context = None if shape.primary is None else shape.fields.get(shape.primary)
    if context is not None:
        pair.value = context(r, pair.value)


def each(context: Context) -> Context:
    """A context for every item of a list; a node that is no list counts as its only item."""

    def items(r: Rewriter, node: Node) -> Node:
        from .tree import Sequence

        if is_opaque(node):
            return node
        if isinstance(node, Sequence):
            node.items = [context(r, item) for item in node.items]
            return node
        return context(r, node)

    return items


def shaped(shape: Shape) -> Context:
    """The context of a mapping with these fields."""

    def fields(r: Rewriter, node: Node) -> Node:
        apply_shape(r, node, shape)
        return node

    return fields


def listed(context: Context) -> Context:
    """A list field: one scalar becomes a list of one (A14), items are rewritten."""
    inner = each(context)

    def items(r: Rewriter, node: Node) -> Node:
        from .fields import one_element_list

        return inner(r, one_element_list(r, node))

    return items


def same(r: Rewriter, node: Node) -> Node:
    """A context without expressions."""
    return node


# ------------------------------------------------------- the argument of an action


def collapse(pair: Pair, field: str) -> None:
    """`{field: x}` becomes `x` when there is nothing else in the mapping and x is a scalar."""
    node = pair.value
    if not isinstance(node, Mapping) or is_opaque(node) or len(node.pairs) != 1 or node.pairs[0].name != field:
        return
    inner = node.pairs[0]
    if isinstance(inner.value, Mapping) or hasattr(inner.value, "items") or is_blank(inner.value):
        return
    pair.value = unwrap(node, inner, pair)


def expand(pair: Pair, field: str) -> Mapping:
    """The argument as a mapping: a scalar becomes `{field: scalar}`, null an empty mapping."""
    node = pair.value
    if isinstance(node, Mapping):
        return node
    if is_blank(node):
        made = Mapping([], True)
        made.before, made.comment = node.before, node.comment
    else:
        made = one_pair(field, node)
    pair.value = made
    return made


def add(mapping: Mapping, pair: Pair) -> None:
    """Append an entry; the mapping is written in lines when the entry needs them."""
    from .tree import is_flow

    if not is_flow(pair.value) or any(pair.before):
        mapping.flow = False
    mapping.pairs.append(pair)


def remove(pairs: list[Pair], pair: Pair) -> None:
    """Take an entry out of a list of entries, by identity."""
    pairs[:] = [other for other in pairs if other is not pair]


def new_pair(name: str, node: Node) -> Pair:
    """An entry made by a rule."""
    return Pair(word(name), node)
