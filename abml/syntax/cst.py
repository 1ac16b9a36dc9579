"""The concrete syntax tree: YAML nodes with exact spans, built from PyYAML's events.

PyYAML's composer is not used: it recurses, resolves YAML 1.1 types (`yes`,
`012`, `1:30`) and forgets where the characters of a scalar stand. The event
stream has none of these faults and is read lazily, so a document that is too
deep or too large is refused before the rest of it is looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import yaml

from abml.diagnostics import Fix, Reporter
from abml.source import Source, Span
from abml.values import parse_number

from .cst_nodes import CstMapping, CstNode, CstScalar, CstSequence, Point, point
from .repairs import Repairs, repair, shorten
from .yaml_errors import report_yaml_error

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "MAX_DEPTH",
    "CstMapping",
    "CstNode",
    "CstScalar",
    "CstSequence",
    "SizeLimits",
    "plain_value",
    "read",
]

# Collections inside each other. Later stages descend by recursion; this keeps
# them far from the interpreter's own limit, and no document comes near it.
MAX_DEPTH = 100

STYLES = {"": "plain", None: "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}

_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_NUMBER_STARTS = frozenset("-0123456789")

# YAML 1.1 breaks lines at these three, YAML 1.2 does not: they pass through the
# scanner as characters that do not occur in the text.
_NOT_BREAKS = "\x85\u2028\u2029"
_FIRST_STAND_IN = 0xE000
_LAST_STAND_IN = 0xF8FF


class SizeLimits(Protocol):
    """The two limits of appendix A that bound a source."""

    @property
    def max_document_bytes(self) -> int: ...

    @property
    def max_nodes(self) -> int: ...


def plain_value(text: str) -> bool | int | float | str | None:
    """The value of a plain scalar by the YAML profile: null, bool, number or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_STARTS:
        number = parse_number(text)
        if number is not None:
            return number
    return text


def read(source: Source, reporter: Reporter, limits: SizeLimits | None = None) -> CstNode | None:
    """Read one YAML document into a tree with spans.

    Source repairs, aliases and limits are done here; duplicate keys and the
    shape of the document are left to the parser. Never raises, whatever the text.

    Args:
        source: its text may be anything a `str` can hold.
        reporter: gets ABML100, 103, 110 and 116.
        limits: largest size in bytes and nodes; the defaults when None.

    Returns:
        The root; a null scalar for an empty text; None when the text cannot be
        read (an error was reported).
    """
    if limits is None:
        from abml.environment import Limits

        limits = Limits()
    if not _fits(source, reporter, limits):
        return None
    return _Builder(source, reporter, limits).read()


def _fits(source: Source, reporter: Reporter, limits: SizeLimits) -> bool:
    """Whether the text is within the size limit; encodes it only when it may not be."""
    size = len(source.text)
    allowed = limits.max_document_bytes
    if size * 4 <= allowed:
        return True
    if size <= allowed:
        size = len(source.text.encode("utf-8", "surrogatepass"))
    if size <= allowed:
        return True
    reporter.report(
        116,
        Span(source.path, 1, 1, 1, 1),
        limit=f"it has {size:,} bytes or more, and {allowed:,} are allowed",
        hint="split it into several documents that import each other",
    )
    return False


class _Stop(Exception):
    """The document was refused; the reason is reported."""


class _Anchor:
    """A finished node with a name: its nodes with aliases expanded, and how deep it is."""

    __slots__ = ("height", "node", "size")

    def __init__(self, node: CstNode, size: int, height: int) -> None:
        self.node = node
        self.size = size
        self.height = height


class _Builder:
    """Turns the events of one text into nodes."""

    def __init__(self, source: Source, reporter: Reporter, limits: SizeLimits) -> None:
        self.source = source
        self.reporter = reporter
        self.max_nodes = limits.max_nodes
        self.anchors: dict[str, _Anchor | None] = {}
        self.repairs: Repairs = repair(source)
        self.stand_ins: dict[int, str] = {}
        # Lines and columns of the scanner hold for the source itself only when
        # nothing was inserted and both agree on what a line is.
        self.direct = not self.repairs.inserted and not self.repairs.dropped and not _has_odd_breaks(source.text)

    def read(self) -> CstNode | None:
        for item in self.repairs.made:
            span = self.source.span(item.start, item.end)
            fix = Fix(span, item.quoted)
            self.reporter.report(103, span, fix=fix, rule=item.rule, repaired=shorten(item.quoted))
        text = self._stand_in(self.repairs.text)
        if text is None:
            return None
        try:
            return self._build(_open(text))
        except _Stop:
            return None
        except yaml.YAMLError as fault:
            report_yaml_error(fault, self.source, self.reporter, text, self.repairs.original)
        except UnicodeEncodeError as fault:
            at = self.repairs.original(fault.start)
            self.reporter.report(
                100,
                self.source.span(at, at + 1),
                reason=f"the character U+{ord(text[fault.start]):04X} is half of a pair and cannot stand alone",
                hint="save the file as UTF-8 text",
            )
        return None

    def _stand_in(self, text: str) -> str | None:
        """The text with the characters replaced that only YAML 1.1 takes for line breaks."""
        for char in _NOT_BREAKS:
            if char not in text:
                continue
            free = next((code for code in range(_FIRST_STAND_IN, _LAST_STAND_IN) if chr(code) not in text), None)
            if free is None:
                at = self.source.text.index(char)
                self.reporter.report(
                    100, self.source.span(at, at + 1), reason=f"the line separator U+{ord(char):04X} cannot be read"
                )
                return None
            text = text.replace(char, chr(free))
            self.stand_ins[free] = char
        return text

    def _build(self, parser: Any) -> CstNode | None:
        """The loop over the events; everything rare is in a method of its own."""
        get_event = parser.get_event
        scalar_event = yaml.ScalarEvent
        mapping_start, sequence_start = yaml.MappingStartEvent, yaml.SequenceStartEvent
        mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
        direct, source, max_nodes = self.direct, self.source, self.max_nodes
        words, number_starts, styles = _WORDS, _NUMBER_STARTS, STYLES
        size = len(source.text)
        root: CstNode | None = None
        count = 0
        # The open collection: its node, the list it fills, the key that waits for
        # a value, how deep its aliases reach. Outer ones lie on the stack.
        stack: list[tuple[Any, Any, Any, int, tuple[str, int] | None]] = []
        owner: Any = None
        entries: Any = None
        key: Any = None
        height = 0
        anchor: tuple[str, int] | None = None
        while True:
            event = get_event()
            kind = event.__class__
            if kind is scalar_event:
                count += 1
                text = event.value
                style = styles[event.style]
                if direct and not (event.anchor or event.tag or style == "literal" or style == "folded"):
                    value: Any = text
                    if style == "plain":
                        if text in words:
                            value = words[text]
                        elif text[0] in number_starts:
                            value = plain_value(text)
                    node: CstNode = CstScalar(value, text, style, event.start_mark, event.end_mark, source)
                    if not text and node.start >= size:
                        # At the end of a text the scanner invents a line break.
                        node = self._scalar(event, style)
                else:
                    node = self._scalar(event, style)
            elif kind is mapping_end or kind is sequence_end:
                node = owner
                self._close(owner, event)
                reach = height + 1
                if anchor is not None:
                    self.anchors[anchor[0]] = _Anchor(node, count - anchor[1], reach)
                owner, entries, key, height, anchor = stack.pop()
                if reach > height:
                    height = reach
            elif kind is mapping_start or kind is sequence_start:
                if len(stack) >= MAX_DEPTH:
                    self._too_deep(event)
                stack.append((owner, entries, key, height, anchor))
                first = event.start_mark if direct and not (event.anchor or event.tag) else self._begin(event)
                entries, key, height, anchor = [], None, 0, None
                if kind is mapping_start:
                    owner = CstMapping(entries, first, source, event.flow_style)
                else:
                    owner = CstSequence(entries, first, source, event.flow_style)
                if event.anchor:
                    anchor = (event.anchor, count)
                    self.anchors[event.anchor] = None
                count += 1
                continue
            elif kind is yaml.AliasEvent:
                node, size, reach = self._alias(event)
                count += size
                if reach > height:
                    height = reach
                if len(stack) + reach > MAX_DEPTH:
                    self._too_deep(event)
            elif kind is yaml.StreamEndEvent:
                break
            elif kind is yaml.DocumentStartEvent and root is not None:
                self._second_document(event)
                break
            else:
                continue
            if count > max_nodes:
                self._too_many(event)
            if owner is None:
                root = node
            elif owner.__class__ is CstSequence:
                entries.append(node)
            elif key is None:
                key = node if node.__class__ is CstScalar else self._bad_key(node)
            else:
                entries.append((key, node))
                key = None
        if root is None:
            origin = Point(0, 0, 0)
            return CstScalar(None, "", "plain", origin, origin, source)
        return root

    def _range(self, event: Any) -> tuple[int, int]:
        """Source offsets of an event, clipped to the text."""
        if self.direct:
            start, end = event.start_mark.index, event.end_mark.index
        else:
            start = self.repairs.original(event.start_mark.index)
            end = self.repairs.original(event.end_mark.index)
        size = len(self.source.text)
        start = min(start, size)
        return start, max(start, min(end, size))

    def _scalar(self, event: Any, style: str) -> CstScalar:
        """A scalar with properties, in a block, or in a text that was repaired."""
        text: str = event.value
        start, end = self._range(event)
        source = self.source.text
        if event.anchor or event.tag:
            start = _after_properties(source, start, end)
        if style in ("literal", "folded"):
            end = start + len(source[start:end].rstrip())
        elif start in self.repairs.starts and style == "single":
            style = "plain"
        for code, char in self.stand_ins.items():
            text = text.replace(chr(code), char)
        value: Any = text
        if event.tag:
            value = self._tagged(event.tag, text, style, self.source.span(start, end))
        elif style == "plain":
            value = plain_value(text)
        node = CstScalar(value, text, style, point(self.source, start), point(self.source, end), self.source)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(node, 1, 0)
        return node

    def _tagged(self, tag: str, text: str, style: str, span: Span) -> bool | int | float | str | None:
        """The value of a scalar with an explicit tag; only texts may have one that changes anything."""
        if tag in ("!", "tag:yaml.org,2002:str"):
            return text
        value = plain_value(text) if style == "plain" else text
        self._refuse_tag(tag, span)
        return value

    def _refuse_tag(self, tag: str, span: Span) -> None:
        shown = tag.replace("tag:yaml.org,2002:", "!!")
        self.reporter.report(
            110,
            span,
            text=f"a value must not carry the YAML tag '{shown}'",
            hint="remove the tag; only '!!str' is read, for a text that looks like a number",
        )

    def _begin(self, event: Any) -> Point:
        """Where a collection begins, behind its anchor and tag."""
        start, _ = self._range(event)
        if event.anchor or event.tag:
            start = _after_properties(self.source.text, start, len(self.source.text))
        first = point(self.source, start)
        own = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag and event.tag not in ("!", f"tag:yaml.org,2002:{own}"):
            self._refuse_tag(event.tag, self.source.span(start, start + 1))
        return first

    def _close(self, node: CstMapping | CstSequence, event: Any) -> None:
        """Set where a collection ends."""
        if node.flow:
            node.last = event.end_mark if self.direct else point(self.source, self._range(event)[1])
        elif isinstance(node, CstSequence):
            # The end mark of a block collection lies behind blank lines and comments.
            self._end_at(node, node.items[-1:])
        else:
            self._end_at(node, node.entries[-1][::-1] if node.entries else ())

    def _end_at(self, node: CstMapping | CstSequence, last: Sequence[CstNode]) -> None:
        """Let a block collection end with the first of these nodes that stands behind its beginning.

        An alias gives a node that may stand far above.
        """
        for child in last:
            if child.last.index >= node.first.index:
                node.last = child.last
                return

    def _alias(self, event: Any) -> tuple[CstNode, int, int]:
        """The node an alias stands for, its size and its height; a null scalar for a bad one."""
        name = event.anchor
        found = self.anchors.get(name)
        if found is not None:
            return found.node, found.size, found.height
        start, end = self._range(event)
        span = self.source.span(start, end)
        if name in self.anchors:
            self.reporter.report(100, span, reason=f"the alias '*{name}' stands inside its own anchor '&{name}'")
        else:
            self.reporter.report(
                100,
                span,
                reason=f"the alias '*{name}' names no anchor above it",
                hint=f"put '&{name}' before the value it stands for, or write the text in quotes",
            )
        return CstScalar(None, "", "plain", point(self.source, start), point(self.source, end), self.source), 1, 0

    def _bad_key(self, node: CstNode) -> CstScalar:
        """A list or mapping in place of a key: reported, and read as the text it is written with."""
        self.reporter.report(
            110, node.span, text="a key must be a word, not a list or mapping", hint="put the key in quotes"
        )
        text = self.source.text[node.start : node.end]
        return CstScalar(text, text, "plain", node.first, node.last, self.source)

    def _event_span(self, event: Any) -> Span:
        start, end = self._range(event)
        return self.source.span(start, min(end, start + 1))

    def _too_deep(self, event: Any) -> None:
        self.reporter.report(
            116,
            self._event_span(event),
            limit=f"lists and mappings are nested more than {MAX_DEPTH} deep",
            hint="move the inner part into a flow of its own",
        )
        raise _Stop

    def _too_many(self, event: Any) -> None:
        self.reporter.report(
            116,
            self._event_span(event),
            limit=f"it has more than {self.max_nodes:,} values, aliases counted as what they stand for",
            hint="split it into several documents, or use fewer aliases",
        )
        raise _Stop

    def _second_document(self, event: Any) -> None:
        self.reporter.report(
            100,
            self._event_span(event),
            reason="a second document begins here, and a file holds one",
            hint="remove the '---', or put the second document into a file of its own",
        )


def _open(text: str) -> Any:
    """An event parser over the text: libyaml's when PyYAML has it, else the one in Python."""
    try:
        from yaml._yaml import CParser
    except ImportError:
        return yaml.SafeLoader(text)
    return CParser(text)


def _has_odd_breaks(text: str) -> bool:
    """Whether YAML and `Source` may count lines differently."""
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return True
    return not text.isascii() and any(char in text for char in _NOT_BREAKS)


# What separates tokens in YAML; `str.isspace` knows more.
_SPACES = " \t\r\n"


def _after_properties(text: str, start: int, end: int) -> int:
    """The offset behind the anchor and tag that stand at `start`."""
    at = start
    while at < end and text[at] in "&!":
        while at < end and text[at] not in _SPACES:
            at += 1
        after = at
        while after < end and text[after] in _SPACES:
            after += 1
            if text.startswith("#", after):
                after = text.find("\n", after, end)
                after = end if after < 0 else after
        if after >= end:
            return at
        at = after
    return at
