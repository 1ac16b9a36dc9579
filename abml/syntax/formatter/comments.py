"""Reading the source into the formatter's tree: the nodes of the CST, and what stands between them.

Comments are no events of a YAML reader. Between two nodes there can be only
blanks, line breaks, comments, indicators and properties, so the gaps are
scanned for them.
"""

from __future__ import annotations

import re
from collections import Counter

from abml.source import Source
from abml.syntax.cst_nodes import CstMapping, CstNode, CstScalar, CstSequence

from .tree import Alias, Comment, Mapping, Node, Noted, Pair, Scalar, Sequence

_BLANKS = " \t\ufeff"
_FLOW_ENDS = ",[]{}"
_NAME = re.compile(r"[A-Za-z0-9_-]*")


class Page:
    """A whole source.

    Attributes:
        head: lines above the root: directives, a document marker and comments up to it.
        root: the root node.
        tail: lines behind it.
        comments: how often each comment occurs.
    """

    __slots__ = ("comments", "head", "root", "tail")

    def __init__(self, head: list[str], root: Node, tail: list[str], comments: Counter[str]) -> None:
        self.head = head
        self.root = root
        self.tail = tail
        self.comments = comments


def read_page(source: Source, root: CstNode) -> Page:
    """The tree of a source that the CST reader accepted."""
    return _Builder(source).page(root)


class _Builder:
    """Walks CST and text side by side.

    Attributes:
        at: up to here the text is read.
        notes: lines found since the last node: (column, comment); blank lines have column -1.
        last: what a comment in the same line belongs to; None at the beginning of a line.
    """

    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.at = 0
        self.notes: list[tuple[int, str]] = []
        self.last: Noted | None = None
        self.props: list[str] = []
        self.head: list[str] = []
        self.comments: Counter[str] = Counter()
        self.seen: dict[int, CstNode] = {}
        # Blank lines behind a block scalar that keeps them are part of its text.
        self.swallow = False

    def page(self, root: CstNode) -> Page:
        self.scan(root.start)
        node = self.node(root, -1)
        self.scan(len(self.text))
        return Page(self.head, node, self.take(), self.comments)

    # ------------------------------------------------------------------- gaps

    def take(self) -> list[str]:
        """The lines found, which now belong to somebody."""
        found = [line for _, line in self.notes]
        self.notes = []
        return found

    def scan(self, stop: int, *, peek: bool = False, alias: bool = False) -> str:
        """Read up to an offset; with `peek` up to the next character that is no blank or comment.

        Returns:
            The name of the alias that was found, with `alias`; it ends the scan.
        """
        text, at = self.text, self.at
        fresh = at == 0
        while at < stop:
            char = text[at]
            if char in _BLANKS:
                at += 1
            elif char in "\r\n":
                if fresh and not self.swallow and at:
                    self.notes.append((-1, ""))
                fresh, self.last = True, None
                at += 2 if text.startswith("\r\n", at) else 1
            elif char == "#":
                at = self._comment(at, fresh)
                fresh = False
            elif peek:
                break
            elif char in "&!":
                end = self._word(at)
                self.props.append(text[at:end])
                fresh, at = False, end
            elif char == "*" and alias:
                end = self._word(at)
                self.at = end
                return text[at + 1 : end]
            elif fresh and self._at_line_start(at) and (char == "%" or text.startswith(("---", "..."), at)):
                at = self._marker(at)
                fresh = False
            else:
                fresh, self.swallow = False, False
                at += 1
        self.at = max(at, stop) if not peek else at
        return ""

    def _at_line_start(self, at: int) -> bool:
        return at == 0 or self.text[at - 1] in "\r\n\ufeff"

    def _word(self, at: int) -> int:
        """The end of an anchor, alias or tag."""
        text = self.text
        if text[at] != "!":
            match = _NAME.match(text, at + 1)
            return at + 1 if match is None else match.end()
        while at < len(text) and text[at] not in " \t\r\n" and text[at] not in _FLOW_ENDS:
            at += 1
        return at

    def _line_end(self, at: int) -> int:
        text = self.text
        while at < len(text) and text[at] not in "\r\n":
            at += 1
        return at

    def _comment(self, at: int, fresh: bool) -> int:
        end = self._line_end(at)
        comment = self.text[at:end].rstrip()
        self.comments[comment] += 1
        self.swallow = False
        if not fresh and self.last is not None and not self.last.comment:
            self.last.comment = self._aligned(comment, at)
        else:
            line_start = max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1
            self.notes.append((at - line_start, comment))
        return end

    def _aligned(self, comment: str, at: int) -> str:
        """A comment that keeps its column when it was put there on purpose."""
        if not self.text.endswith("   ", 0, at):
            return comment
        made = Comment(comment)
        made.column = at - max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) - 1
        return made

    def _marker(self, at: int) -> int:
        """A directive or document marker: with what stands above it, it goes to the head; `...` stays in its place."""
        end = self._line_end(at) if self.text[at] == "%" else at + 3
        line = self.text[at:end].rstrip()
        if line == "...":
            self.notes.append((0, line))
        else:
            self.head += [*self.take(), line]
        return end

    def claim(self, column: int, outer: int) -> list[str]:
        """The lines behind the last entry of a block collection that belong to it, by their indentation."""
        self.scan(len(self.text), peek=True)
        count = 0
        for index, (place, _) in enumerate(self.notes):
            if place < 0:
                continue
            if place < column or place <= outer:
                break
            count = index + 1
        found = [line for _, line in self.notes[:count]]
        del self.notes[:count]
        return found

    # ------------------------------------------------------------------ nodes

    def node(self, cst: CstNode, outer: int) -> Node:
        """The node whose beginning is reached; `outer` is the column of the collection around it."""
        props = " ".join(self.props)
        self.props = []
        if props:
            self.seen[id(cst)] = cst
        made: Node
        if isinstance(cst, CstScalar):
            made = self._scalar(cst)
        elif isinstance(cst, CstMapping):
            made = self._mapping(cst, outer)
        else:
            made = self._sequence(cst, outer)
        made.props = props
        if not isinstance(made, (Mapping, Sequence)) or made.flow:
            self.last = made
        return made

    def child(self, cst: CstNode, outer: int) -> Node:
        """The next value, from the gap before it on."""
        if id(cst) in self.seen:
            alias = Alias(self.scan(len(self.text), alias=True))
            self.last = alias
            return alias
        self.scan(cst.start)
        return self.node(cst, outer)

    def _scalar(self, cst: CstScalar) -> Scalar:
        raw = self.text[cst.start : cst.end]
        self.at = max(self.at, cst.end)
        made = Scalar(cst.value, cst.text, cst.style, raw.replace("\r\n", "\n").replace("\r", "\n"))
        made.origin = cst
        if cst.style in ("literal", "folded"):
            header, _, _ = raw.partition("\n")
            mark = header.find("#")
            if mark >= 0:
                made.comment = header[mark:].rstrip()
                self.comments[made.comment] += 1
            self.swallow = cst.text.endswith("\n\n")
        return made

    def _key(self, cst: CstScalar, outer: int) -> Scalar:
        made = self.child(cst, outer)
        if isinstance(made, Scalar):
            return made
        name = made.name if isinstance(made, Alias) else cst.text
        key = Scalar(cst.text, cst.text, "plain", f"*{name} ")
        key.props = "*"
        return key

    def _mapping(self, cst: CstMapping, outer: int) -> Mapping:
        column = cst.first.column
        made = Mapping([], cst.flow)
        for name, value in cst.entries:
            key = self._key(name, outer)
            pair = Pair(key, key)
            pair.before = self.take()
            pair.comment, key.comment = key.comment, ""
            self.last = pair
            pair.value = self.child(value, outer if cst.flow else column)
            if not isinstance(pair.value, (Mapping, Sequence)) or pair.value.flow:
                # Lines between key and value have no place there.
                pair.before += [line for line in self.take() if line]
            made.pairs.append(pair)
        self._close(made, cst, column, outer)
        return made

    def _sequence(self, cst: CstSequence, outer: int) -> Sequence:
        column = cst.first.column
        made = Sequence([], cst.flow)
        for item in cst.items:
            if id(item) in self.seen:
                node = self.child(item, column)
                node.before = self.take()
            else:
                self.scan(item.start)
                before = self.take()
                node = self.node(item, outer if cst.flow else column)
                node.before = before
            made.items.append(node)
        self._close(made, cst, column, outer)
        return made

    def _close(self, made: Mapping | Sequence, cst: CstMapping | CstSequence, column: int, outer: int) -> None:
        if not cst.flow:
            made.tail = self.claim(column, outer)
            return
        end = cst.end
        if self.text[end - 1 : end] in ("]", "}") and end > self.at:
            self.scan(end - 1)
            made.tail = [line for line in self.take() if line]
            self.at = end
