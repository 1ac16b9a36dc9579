"""Printing the tree: two blanks a level, short flow collections in one line, comments where they stood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence as Sequence_

from .comments import Page
from .quoting import one_line, several_lines
from .tree import Alias, Comment, Mapping, Node, Noted, Pair, Scalar, Sequence

WIDTH = 120
_STEP = 2


def print_page(page: Page) -> tuple[str, Counter[str]]:
    """The text of a tree, which ends with one line break, and how often each comment is in it."""
    printer = _Printer()
    printer.lines += page.head
    root = page.root
    if isinstance(root, (Mapping, Sequence)):
        flow = None if not root.flow else flow_text(root)
        if flow is not None and len(flow) <= WIDTH:
            printer.line(flow, root.comment)
        else:
            if root.props or root.comment:
                printer.line(root.props, root.comment)
            printer.block(root, 0, "")
    else:
        printer.put("", root, 0, None)
    # Blank lines at the end go, but not those of a block scalar that keeps them.
    tail = list(page.tail)
    while tail and not tail[-1]:
        tail.pop()
    printer.notes(tail, 0)
    lines = printer.lines
    begin = next((index for index, line in enumerate(lines) if line), 0)
    return "\n".join(lines[begin:]) + "\n", printer.comments


def flow_text(node: Node) -> str | None:
    """A node in one line as it stands inside a flow collection; None when it cannot."""
    if isinstance(node, (Scalar, Alias)):
        return one_line(node, flow=True)
    pieces: list[str] = []
    if node.tail:
        return None
    if isinstance(node, Mapping):
        for pair in node.pairs:
            if any(pair.before) or pair.comment or _has_notes(pair.value):
                return None
            name, value = one_line(pair.key, flow=True, key=True), flow_text(pair.value)
            if name is None or value is None:
                return None
            pieces.append(f"{name}: {value}")
        text = "{ " + ", ".join(pieces).rstrip() + " }" if pieces else "{}"
    else:
        for item in node.items:
            value = flow_text(item)
            if value is None or _has_notes(item):
                return None
            pieces.append(value or "null")
        text = "[" + ", ".join(pieces) + "]"
    return f"{node.props} {text}" if node.props else text


def _has_notes(node: Noted) -> bool:
    return any(node.before) or bool(node.comment)


class _Printer:
    """Collects the lines of a text."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.comments: Counter[str] = Counter()

    def line(self, text: str, comment: str = "") -> None:
        if comment:
            self.comments[comment] += 1
            text = text + " " * _gap(text, comment) + comment if text.strip() else text + comment
        self.lines.append(text.rstrip(" "))

    def notes(self, lines: list[str], indent: int) -> None:
        for line in lines:
            if line:
                self.comments[line] += 1
            self.lines.append(" " * indent + line if line else "")

    def block(self, node: Mapping | Sequence, indent: int, first: str) -> None:
        """The entries of a block collection; `first` is what stands before the first of them in its line."""
        pad = " " * indent
        lead = first or pad
        if isinstance(node, Mapping):
            for pair in node.pairs:
                self.notes(pair.before, indent)
                key = one_line(pair.key, key=True)
                self.put(f"{lead}{key}:", pair.value, indent + _STEP, pair)
                lead = pad
        else:
            for item in node.items:
                self._item(lead, item, indent)
                lead = pad
        self.notes(node.tail, indent)

    def _item(self, lead: str, item: Node, indent: int) -> None:
        """One item of a list: `- ` and what follows it in the same line."""
        if not lead.strip():
            # Directly behind an outer dash there is no room for comments: those went above that one.
            self.notes(item.before, indent)
        entries = _entries(item)
        if entries and not item.props and isinstance(item, (Mapping, Sequence)) and not self._fits(f"{lead}-", item):
            if not lead.strip():
                self.notes([line for line in _hoist(item) if line], indent)
            if item.comment:
                self.notes([item.comment], indent)
            self.block(item, indent + _STEP, f"{lead}- ")
            return
        self.put(f"{lead}-", item, indent + _STEP, None)

    def _fits(self, lead: str, node: Mapping | Sequence) -> bool:
        if not node.flow and _entries(node):
            return False
        text = flow_text(node)
        return text is not None and (len(lead) + 1 + len(text) <= WIDTH or text in ("{}", "[]"))

    def put(self, lead: str, node: Node, indent: int, pair: Pair | None) -> None:
        """A value behind `lead`, a key with its colon or a dash; its lines below are indented by `indent`."""
        comment = "" if pair is None else pair.comment
        if isinstance(node, (Scalar, Alias)):
            self._leaf(lead, node, indent, comment)
            return
        if self._fits(lead, node):
            self._spare(lead, comment, node.comment)
            self.line(f"{lead} {flow_text(node)}", node.comment or comment)
            return
        # What stood behind a collection in one line stands behind the key when it is broken into lines.
        if node.comment:
            self._spare(lead, comment, node.comment)
            comment = node.comment
        self.line(f"{lead} {node.props}" if node.props else lead, comment)
        if not _entries(node):
            # Only comments inside: they stand below the empty brackets.
            self.lines[-1] = f"{lead} {'{}' if isinstance(node, Mapping) else '[]'}"
            self.notes([comment, *node.tail] if comment else node.tail, max(indent - _STEP, 0))
            return
        self.block(node, indent, "")

    def _spare(self, lead: str, comment: str, other: str) -> None:
        """Of two comments for one line the first goes above it."""
        if comment and other:
            self.notes([comment], len(lead) - len(lead.lstrip(" ")))

    def _leaf(self, lead: str, node: Scalar | Alias, indent: int, comment: str) -> None:
        self._spare(lead, comment, node.comment)
        comment = node.comment or comment
        text = one_line(node)
        space = " " if lead else ""
        if isinstance(node, Alias) or (
            text is not None and (node.raw is None or "\n" not in node.raw or len(lead) + 1 + len(text) <= WIDTH)
        ):
            self.line(f"{lead}{space}{text}" if text else lead, comment)
            return
        head, lines = several_lines(node)
        is_block = node.style in ("literal", "folded")
        pad = " " * indent
        self.line(f"{lead}{space}{head}", comment if is_block or not lines else "")
        for index, line in enumerate(lines):
            last = index == len(lines) - 1
            kept = pad + line if line else ""
            if comment and last and not is_block:
                self.comments[comment] += 1
                kept += " " * _gap(kept, comment) + comment
            self.lines.append(kept)


def _gap(text: str, comment: str) -> int:
    """How many blanks stand before a comment: two, or as many as keep it in the column of its neighbours."""
    column = comment.column if isinstance(comment, Comment) else 0
    return max(2, column - len(text))


def _entries(node: Node) -> Sequence_[Noted]:
    """What a collection holds."""
    if isinstance(node, Mapping):
        return node.pairs
    return node.items if isinstance(node, Sequence) else ()


def _hoist(node: Node) -> list[str]:
    """Take the comments above the first entry of a collection that begins behind a dash."""
    entries = _entries(node)
    if not entries:
        return []
    first = entries[0]
    found, first.before = first.before, []
    if isinstance(first, Sequence | Mapping) and not first.props:
        found = [*found, *_hoist(first)]
    return found
