"""The tree the formatter works on: YAML nodes with the comments and blank lines around them.

Rules rewrite this tree, the layout prints it. A scalar that no rule touched
keeps the characters it was written with.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abml.syntax.cst_nodes import CstScalar


class Comment(str):
    """A comment at the end of a line; `column` is where it stands when it is set off by more than two blanks."""

    __slots__ = ("column",)

    column: int


class Noted:
    """Something that comments belong to.

    Attributes:
        before: lines above it, `""` for a blank one, else a comment with its `#`.
        comment: the comment at the end of its line, or "".
    """

    __slots__ = ("before", "comment")

    before: list[str]
    comment: str


class Scalar(Noted):
    """A word, number or text.

    Attributes:
        value: None, bool, int, float or str by the YAML profile.
        text: the decoded text.
        style: plain, single, double, literal or folded.
        raw: the characters as written; None for a scalar that a rule made.
        props: anchor and tag with a blank between, or "". Such a node is left as it is.
        origin: the node of the source whose place a rewrite takes, where that is all it does.
    """

    __slots__ = ("origin", "props", "raw", "style", "text", "value")

    def __init__(self, value: Any, text: str, style: str, raw: str | None = None) -> None:
        self.value = value
        self.text = text
        self.style = style
        self.raw = raw
        self.props = ""
        self.origin: CstScalar | None = None
        self.before = []
        self.comment = ""


class Alias(Noted):
    """`*name`; what it stands for is formatted where it is defined."""

    __slots__ = ("name", "props")

    def __init__(self, name: str) -> None:
        self.name = name
        self.props = "*"
        self.before = []
        self.comment = ""


class Pair(Noted):
    """An entry of a mapping; `comment` stands behind the colon when the value begins in a later line."""

    __slots__ = ("key", "value")

    def __init__(self, key: Scalar, value: Node) -> None:
        self.key = key
        self.value = value
        self.before = []
        self.comment = ""

    @property
    def name(self) -> str:
        return self.key.text


class Mapping(Noted):
    """A mapping; `tail` has the lines behind its last entry."""

    __slots__ = ("flow", "pairs", "props", "tail")

    def __init__(self, pairs: list[Pair], flow: bool) -> None:
        self.pairs = pairs
        self.flow = flow
        self.props = ""
        self.before = []
        self.comment = ""
        self.tail: list[str] = []

    def get(self, name: str) -> Pair | None:
        """The first entry of that name."""
        return next((pair for pair in self.pairs if pair.key.text == name), None)

    def names(self) -> list[str]:
        """The keys, without those that begin with `x-`."""
        return [pair.key.text for pair in self.pairs if not pair.key.text.startswith("x-")]


class Sequence(Noted):
    """A list; `tail` has the lines behind its last item."""

    __slots__ = ("flow", "items", "props", "tail")

    def __init__(self, items: list[Node], flow: bool) -> None:
        self.items = items
        self.flow = flow
        self.props = ""
        self.before = []
        self.comment = ""
        self.tail: list[str] = []


Node = Scalar | Alias | Mapping | Sequence


# ------------------------------------------------------------------- questions


def is_opaque(node: Node) -> bool:
    """An alias, or a node with an anchor or a tag: rules leave it alone."""
    return bool(node.props)


def is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None and not node.props


def is_blank(node: Node) -> bool:
    """Null, or a mapping or list without anything in it, comments included."""
    if isinstance(node, Mapping):
        return not (node.pairs or node.tail or node.props)
    return is_null(node)


def text_of(node: Node) -> str | None:
    """The text of a string scalar that may be rewritten, else None."""
    if isinstance(node, Scalar) and not node.props and isinstance(node.value, str):
        return node.text
    return None


def is_flow(node: Node) -> bool:
    """Whether a collection around this node alone may be written in one line."""
    if isinstance(node, Scalar):
        return node.style not in ("literal", "folded") and not (node.raw and "\n" in node.raw)
    return isinstance(node, Alias) or node.flow


# --------------------------------------------------------------------- making


def word(text: str) -> Scalar:
    """A scalar that needs no quotes, such as a key."""
    return Scalar(text, text, "plain")


def quoted(text: str) -> Scalar:
    """A text in quotes."""
    return Scalar(text, text, "double")


def rename(pair: Pair, name: str) -> None:
    """Give an entry another key."""
    if pair.key.text != name:
        pair.key = word(name)


def replaced(old: Node, new: Node) -> Node:
    """`new` in the place of `old`, with its comments."""
    if isinstance(old, Scalar) and isinstance(new, Scalar):
        new.origin = old.origin
    new.before = [*old.before, *new.before]
    if old.comment and new.comment and old.comment is not new.comment:
        new.before.append(new.comment)
    new.comment = old.comment or new.comment
    return new


def one_item(node: Node) -> Sequence:
    """A list with the node as its only item; the comments above the node go with it."""
    made = Sequence([node], is_flow(node))
    if made.flow:
        made.before, node.before = node.before, []
        made.comment, node.comment = node.comment, ""
    return made


def one_pair(name: str, node: Node) -> Mapping:
    """A mapping with the node as its only value."""
    made = Mapping([Pair(word(name), node)], is_flow(node))
    made.before, node.before = node.before, []
    if made.flow:
        made.comment, node.comment = node.comment, ""
    return made


# ------------------------------------------------------------------- comments


def notes_of(part: Noted) -> Iterator[str]:
    """Every comment of a part of the tree, top to bottom."""
    yield from (line for line in part.before if line)
    if isinstance(part, Pair):
        yield from notes_of(part.key)
        if part.comment:
            yield part.comment
        yield from notes_of(part.value)
        return
    if part.comment:
        yield part.comment
    if isinstance(part, Mapping):
        for pair in part.pairs:
            yield from notes_of(pair)
        yield from (line for line in part.tail if line)
    elif isinstance(part, Sequence):
        for item in part.items:
            yield from notes_of(item)
        yield from (line for line in part.tail if line)


def lift(pair: Pair, owner: Noted) -> Node:
    """Take the value out of an entry that goes away; what was said of the entry is said above the owner."""
    owner.before.extend(line for line in pair.before if line)
    if pair.comment:
        owner.before.append(pair.comment)
    owner.before.extend(line for line in pair.value.before if line)
    pair.value.before = []
    return pair.value


def drop(pair: Pair, owner: Noted) -> None:
    """Forget an entry that says nothing; its comments stay."""
    owner.before.extend(notes_of(pair))


def unwrap(mapping: Mapping, pair: Pair, owner: Noted) -> Node:
    """The value of the only entry of a mapping, to stand in the place of the mapping."""
    value = lift(pair, owner)
    owner.before.extend(line for line in mapping.tail if line)
    if mapping.comment:
        if value.comment or not is_flow(value):
            owner.before.append(mapping.comment)
        else:
            value.comment = mapping.comment
    value.before = [*mapping.before, *value.before]
    return value
