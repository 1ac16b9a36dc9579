"""What every part of the parser shares: the state of one parse, and reading mappings by shape."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from abml.actions import ActionSpec, canonical_action, find_action
from abml.diagnostics import Fix, Note
from abml.environment import Limits, Manifest
from abml.source import Span
from abml.suggest import nearest
from abml.syntax.cst_nodes import CstMapping, CstScalar, CstSequence

if TYPE_CHECKING:
    from abml.diagnostics import Diagnostic, Reporter
    from abml.syntax.cst_nodes import CstNode

# The fields of a mapping by canonical name: the key as written, and the value.
Fields = dict[str, "tuple[CstScalar, CstNode]"]
Entries = list["tuple[str, CstScalar, CstNode]"]

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FLOW_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
DOCUMENT_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
ACTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")

# Fields that the parser calls otherwise than authors should: (action, field) -> canonical spelling.
_SPELLED = {
    ("choice", "result"): "result_variable",
    ("qte", "result"): "result_variable",
    ("wait_for", "signals"): "signal",
}

# Deeper action lists than this are not read: each level costs several frames
# of the host's stack, and no author nests so far.
MAX_NESTING = 64


class Parser:
    """The state of one parse.

    Attributes:
        style: report older spellings (ABML114).
        channels: names the document declares, for words that may name one.
        arms: how many `parallel` arms enclose the action being read.
        nesting: how many action lists do.
    """

    __slots__ = (
        "arms",
        "channels",
        "is_fragment",
        "limits",
        "manifest",
        "nesting",
        "reporter",
        "specs",
        "style",
    )

    def __init__(
        self,
        reporter: Reporter,
        limits: Limits,
        manifest: Manifest | None,
        *,
        fragment: bool,
        style: bool,
    ) -> None:
        self.reporter = reporter
        self.limits = limits
        self.manifest = manifest
        self.is_fragment = fragment
        self.style = style
        self.channels: frozenset[str] = frozenset()
        self.arms = 0
        self.nesting = 0
        self.specs: dict[str, ActionSpec | None] = {}

    def report(self, code: int, span: Span, **more: Any) -> Diagnostic:
        return self.reporter.report(code, span, **more)

    # -------------------------------------------------------------- actions

    def action_spec(self, name: str) -> ActionSpec | None:
        """The manifest's or the standard spec of an action; None when nothing is known of it."""
        try:
            return self.specs[name]
        except KeyError:
            spec = None
            if self.manifest is not None:
                spec = self.manifest.action(name)
            if spec is None:
                spec = find_action(name)
            self.specs[name] = spec
            return spec

    def older_spelling(self, key: CstScalar, canonical: str, *, is_local: bool = True) -> None:
        """ABML114, when style diagnostics are on; with a fix when another word in its place is all there is to do."""
        if self.style and key.text != canonical:
            fix = Fix(key.span, canonical) if is_local else None
            self.report(114, key.span, spelling=key.text, canonical=canonical, fix=fix)

    def canonical_name(self, key: CstScalar) -> str:
        """The canonical action name of a key."""
        name = canonical_action(key.text)
        if name != key.text:
            self.older_spelling(key, name)
        return name

    # ------------------------------------------------------------- mappings

    def entries(self, node: CstMapping, *, keep_x: bool = False) -> Entries:
        """The entries of a mapping without `x-` keys; repeated keys are reported and dropped."""
        found: Entries = []
        seen: dict[str, CstScalar] = {}
        for key, value in node.entries:
            text = key.text
            if text.startswith("x-") and not keep_x:
                continue
            if text in seen:
                self.repeated(key, seen[text])
                continue
            seen[text] = key
            found.append((text, key, value))
        return found

    def repeated(self, key: CstScalar, first: CstScalar, severity: str | None = None) -> None:
        """ABML102."""
        line = first.span.line
        self.report(
            102, key.span, severity=severity, notes=(Note("first here", first.span),), key=key.text, first_line=line
        )

    def fields(
        self,
        entries: Entries,
        names: Mapping[str, str],
        owner: str,
        code: int = 163,
        known: Mapping[str, str] | None = None,
    ) -> Fields:
        """Sort entries by canonical field name.

        Args:
            names: every accepted spelling -> canonical spelling.
            owner: what has these fields, for messages.
            code: for unknown fields.
        """
        found: Fields = {}
        taken: set[str | None] | None = None
        for text, key, value in entries:
            canonical = names.get(text)
            if canonical is None:
                if taken is None:
                    taken = {names.get(other) for other, _, _ in entries}
                self.unknown_field(key, names if known is None else known, owner, code, taken)
                continue
            if canonical in found:
                self.given_twice(key, found[canonical][0])
                continue
            if canonical != text and self.style:
                self.older_spelling(key, _SPELLED.get((owner, canonical), canonical))
            found[canonical] = (key, value)
        return found

    def near(self, span: Span, name: str, known: Collection[str], taken: Collection[str | None] = ()) -> dict[str, Any]:
        """The fields `nearest` and `fix` of a report on a word that is none of the known ones.

        Args:
            taken: keys that stand beside it, canonical if `known` says how; a fix must repeat none.
        """
        close = nearest(name, known)
        if close is None:
            return {"nearest": None}
        if (known[close] if isinstance(known, Mapping) else close) in taken:
            return {"nearest": close}
        from abml.renaming import renaming

        return {"nearest": close, "fix": renaming(self.reporter.source, span, name, close, known)}

    def unknown_field(
        self,
        key: CstScalar,
        names: Mapping[str, str],
        owner: str,
        code: int = 163,
        taken: Collection[str | None] = (),
    ) -> None:
        near = self.near(key.span, key.text, names, taken)
        self.report(code, key.span, action=owner, field=key.text, parameter=key.text, key=key.text, **near)

    def given_twice(self, key: CstScalar, first: CstScalar) -> None:
        """ABML161 for a field under two spellings, or inside and beside."""
        names = f"'{first.text}'" if first.text == key.text else f"'{first.text}' and '{key.text}'"
        self.report(161, key.span, notes=(Note("first here", first.span),), names=names)

    def defined_twice(self, kind: str, name: str, span: Span, first: Span) -> None:
        """ABML206."""
        notes = (Note("first here", first),)
        self.report(206, span, notes=notes, kind=kind, name=name, first_line=first.line)

    # --------------------------------------------------------------- shapes

    def shape(self, node: CstNode, field: str, expected: str) -> None:
        """ABML110."""
        self.report(110, node.span, field=field, expected=expected, found=describe(node))

    def not_allowed(self, node: CstNode, field: str, allowed: str, words: tuple[str, ...] = ()) -> None:
        """ABML164."""
        value = shown(node)
        near = self.near(node.span, value, words) if words else {}
        self.report(164, node.span, field=field, value=value, allowed=allowed, **near)

    def missing(self, span: Span, action: str, field: str) -> None:
        """ABML162."""
        self.report(162, span, action=action, field=field)

    def section(self, node: CstNode, field: str) -> Entries:
        """The entries of a section that must be a mapping; null counts as empty."""
        if isinstance(node, CstMapping):
            return self.entries(node)
        if not is_null(node):
            self.shape(node, field, "a mapping")
        return []

    def items(self, node: CstNode, field: str, *, scalar: bool = True) -> list[CstNode]:
        """The items of a list field; one scalar counts as a list of one (A14), null as empty."""
        if isinstance(node, CstSequence):
            return node.items
        if is_null(node):
            return []
        if scalar and isinstance(node, CstScalar):
            return [node]
        self.shape(node, field, "a list")
        return []

    def texts(self, node: CstNode, field: str) -> list[str]:
        """A list of texts, or one text."""
        found: list[str] = []
        for item in self.items(node, field):
            if isinstance(item, CstScalar) and isinstance(item.value, str):
                found.append(item.value)
            else:
                self.shape(item, field, "a text")
        return found

    def text(self, node: CstNode, field: str) -> str | None:
        """The text of a scalar field, None (reported) for other shapes; null gives None."""
        if isinstance(node, CstScalar):
            return None if node.value is None else node.text
        self.shape(node, field, "a text")
        return None

    def flag(self, node: CstNode, field: str) -> bool:
        """A boolean field; the texts `true` and `false` count."""
        if isinstance(node, CstScalar):
            if isinstance(node.value, bool):
                return node.value
            word = node.text.strip().lower()
            if word in ("true", "false"):
                return word == "true"
            if node.value is None:
                return False
        self.shape(node, field, "true or false")
        return False

    def name(self, key: CstScalar, kind: str, pattern: re.Pattern[str] = FLOW_NAME) -> bool:
        """True for a well-formed name; ABML112 otherwise."""
        if pattern.fullmatch(key.text):
            return True
        suggestion = re.sub(r"[^A-Za-z0-9_]+", "_", key.text).strip("_")
        if not suggestion or suggestion[0].isdigit():
            suggestion = "_" + suggestion
        self.report(112, key.span, kind=kind, name=key.text, suggestion=suggestion)
        return False

    def ignored(self, node: CstNode) -> frozenset[int]:
        """The numbers silenced by an `x-abml-ignore` key of this mapping."""
        if not isinstance(node, CstMapping):
            return frozenset()
        codes: set[int] = set()
        for key, value in node.entries:
            if key.text != "x-abml-ignore":
                continue
            for item in self.items(value, "x-abml-ignore"):
                text = item.text.upper().removeprefix("ABML") if isinstance(item, CstScalar) else ""
                if text.isdecimal() and text.isascii() and len(text) <= 4:
                    codes.add(int(text))
                else:
                    self.shape(item, "x-abml-ignore", "a code such as 203")
        return frozenset(codes)


def is_null(node: CstNode) -> bool:
    return isinstance(node, CstScalar) and node.value is None


def is_blank(node: CstNode) -> bool:
    """Null, an empty mapping or a text of blanks."""
    if isinstance(node, CstScalar):
        return node.value is None or (isinstance(node.value, str) and not node.value.strip())
    return isinstance(node, CstMapping) and not node.entries


def describe(node: CstNode) -> str:
    """What a node is, for messages: `a list`, `the text 'x'`."""
    if isinstance(node, CstMapping):
        return "a mapping" if node.entries else "an empty mapping"
    if isinstance(node, CstSequence):
        return "a list" if node.items else "an empty list"
    value = node.value
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"the text '{clip(value)}'"
    return node.text


def shown(node: CstNode) -> str:
    """A node in a word, for messages."""
    if isinstance(node, CstScalar):
        return clip(node.text) if node.value is not None else "null"
    return "a list" if isinstance(node, CstSequence) else "a mapping"


def clip(text: str) -> str:
    """One line of at most 60 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def plain(node: CstNode, depth: int = 0) -> Any:
    """The node as plain data: what is handed to the host unevaluated."""
    if isinstance(node, CstScalar):
        return node.value
    if depth > MAX_NESTING:
        return None
    if isinstance(node, CstSequence):
        return [plain(item, depth + 1) for item in node.items]
    return {key.text: plain(value, depth + 1) for key, value in node.entries}
