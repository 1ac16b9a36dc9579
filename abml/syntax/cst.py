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

from .placing import text_offsets
from .repairs import Repairs, repair, shorten
from .yaml_errors import report_yaml_error

if TYPE_CHECKING:
    from collections.abc import Iterator

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


class CstScalar:
    """A word, number or text.

    Attributes:
        span: the scalar as written, with its quotes or block header.
        value: None, bool, int, float or str by the YAML profile of the language.
        text: the decoded text, also of numbers and null.
        style: plain, single, double, literal or folded.
        start, end: offsets of `span` in the source text.
    """

    __slots__ = ("_map", "end", "source", "span", "start", "style", "text", "value")

    def __init__(
        self,
        span: Span,
        value: None | bool | int | float | str,
        text: str,
        style: str,
        start: int,
        end: int,
        source: Source,
    ) -> None:
        self.span = span
        self.value = value
        self.text = text
        self.style = style
        self.start = start
        self.end = end
        self.source = source
        self._map: int | list[int] | None = None

    def place(self, start: int, end: int) -> Span:
        """The span of the characters start..end of `text`.

        Exact for all styles; a scalar that cannot be followed gives its whole span.
        """
        found = self._map
        if found is None:
            found = self._map = self._mapping()
        span = self.span
        if found.__class__ is int:
            column = span.column + found  # type: ignore[operator]  # narrowed by __class__ for speed
            return Span(span.path, span.line, column + start, span.line, column + end)
        offsets: list[int] = found  # type: ignore[assignment]
        if not offsets:
            return span
        last = len(offsets) - 1
        start = min(max(start, 0), last)
        end = min(max(end, start), last)
        first = offsets[start]
        if end == start:
            return self.source.span(first, first)
        # Up to the next character, so that an escape counts whole, but never over a line break.
        stop = offsets[end - 1] + 1
        if "\n" not in self.source.text[stop : offsets[end]]:
            stop = max(stop, offsets[end])
        return self.source.span(first, stop)

    def _mapping(self) -> int | list[int]:
        """A column shift for a scalar that stands as it is in one line, else one offset a character."""
        raw = self.source.text[self.start : self.end]
        span = self.span
        if raw == self.text and span.line == span.end_line:
            return 0
        if raw[1:-1] == self.text and span.line == span.end_line and self.style in ("single", "double"):
            return 1
        offsets = text_offsets(raw, self.text, self.style)
        return [] if offsets is None else [self.start + offset for offset in offsets]

    def __repr__(self) -> str:
        return f"CstScalar({self.text!r}, {self.style}, {self.span.line}:{self.span.column})"


class CstMapping:
    """A mapping in its written order; repeated keys are kept.

    Attributes:
        entries: pairs of key and value.
        flow: whether it is written with braces.
        start, end: offsets of `span` in the source text.
    """

    __slots__ = ("end", "entries", "flow", "span", "start")

    def __init__(self, span: Span, entries: list[tuple[CstScalar, CstNode]], start: int, end: int, flow: bool) -> None:
        self.span = span
        self.entries = entries
        self.start = start
        self.end = end
        self.flow = flow

    def get(self, key: str) -> CstNode | None:
        """The value of the first entry with this key."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None

    def __iter__(self) -> Iterator[tuple[CstScalar, CstNode]]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        return f"CstMapping({[key.text for key, _ in self.entries]})"


class CstSequence:
    """A list.

    Attributes:
        items: its nodes.
        flow: whether it is written with brackets.
        start, end: offsets of `span` in the source text.
    """

    __slots__ = ("end", "flow", "items", "span", "start")

    def __init__(self, span: Span, items: list[CstNode], start: int, end: int, flow: bool) -> None:
        self.span = span
        self.items = items
        self.start = start
        self.end = end
        self.flow = flow

    def __iter__(self) -> Iterator[CstNode]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"CstSequence({len(self.items)} items)"


CstNode = CstScalar | CstMapping | CstSequence


def plain_value(text: str) -> None | bool | int | float | str:
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


class _Frame:
    """An open collection."""

    __slots__ = ("anchor", "before", "height", "items", "key", "line", "node", "pairs")

    def __init__(self, node: CstMapping | CstSequence, anchor: str | None, before: int, line: int) -> None:
        self.node = node
        self.anchor = anchor
        self.before = before
        self.line = line
        self.height = 0
        self.key: CstScalar | None = None
        self.pairs: list[tuple[CstScalar, CstNode]] | None = node.entries if isinstance(node, CstMapping) else None
        self.items: list[CstNode] | None = node.items if isinstance(node, CstSequence) else None


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
        self.count = 0
        self.anchors: dict[str, _Anchor | None] = {}
        self.repairs: Repairs = repair(source)
        self.stand_ins: dict[int, str] = {}
        # Lines and columns of the scanner hold for the source itself only when
        # nothing was inserted and both agree on what a line is.
        text = source.text
        self.direct = not self.repairs.inserted and not self.repairs.dropped and not _has_odd_breaks(text)

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
        except _Stop:
            pass
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
        root: CstNode | None = None
        frames: list[_Frame] = []
        frame: _Frame | None = None
        get_event = parser.get_event
        scalar_event = yaml.ScalarEvent
        mapping_start, sequence_start = yaml.MappingStartEvent, yaml.SequenceStartEvent
        mapping_end, sequence_end = yaml.MappingEndEvent, yaml.SequenceEndEvent
        direct, path, source, max_nodes = self.direct, self.source.path, self.source, self.max_nodes
        words, number_starts, styles = _WORDS, _NUMBER_STARTS, STYLES
        count = 0
        while True:
            event = get_event()
            kind = event.__class__
            if kind is scalar_event:
                count += 1
                text = event.value
                style = styles[event.style]
                mark, stop = event.start_mark, event.end_mark
                if direct and not (event.anchor or event.tag or style == "literal" or style == "folded"):
                    value: Any = text
                    if style == "plain":
                        if text in words:
                            value = words[text]
                        elif text[0] in number_starts:
                            value = plain_value(text)
                    span = Span(path, mark.line + 1, mark.column + 1, stop.line + 1, stop.column + 1)
                    node: CstNode = CstScalar(span, value, text, style, mark.index, stop.index, source)
                else:
                    node = self._scalar(event, style)
            elif kind is mapping_end or kind is sequence_end:
                assert frame is not None
                node = self._close(frame, event, count)
                height = frame.height + 1
                frames.pop()
                frame = frames[-1] if frames else None
                if frame is not None and frame.height < height:
                    frame.height = height
            elif kind is mapping_start or kind is sequence_start:
                count += 1
                frame = self._open(event, kind is mapping_start, count, len(frames))
                frames.append(frame)
                continue
            elif kind is yaml.AliasEvent:
                node, size, height = self._alias(event)
                count += size
                if frame is not None and frame.height < height:
                    frame.height = height
                if len(frames) + height > MAX_DEPTH:
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
            if frame is None:
                root = node
            elif frame.items is not None:
                frame.items.append(node)
            elif frame.key is None:
                frame.key = node if node.__class__ is CstScalar else self._bad_key(node)  # type: ignore[assignment]
            else:
                frame.pairs.append((frame.key, node))  # type: ignore[union-attr]
                frame.key = None
        if root is None:
            return CstScalar(Span(path, 1, 1, 1, 1), None, "", "plain", 0, 0, source)
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
        span = self.source.span(start, end)
        value: Any = text
        if event.tag:
            value = self._tagged(event.tag, text, style, span)
        elif style == "plain":
            value = plain_value(text)
        node = CstScalar(span, value, text, style, start, end, self.source)
        if event.anchor:
            self.anchors[event.anchor] = _Anchor(node, 1, 0)
        return node

    def _tagged(self, tag: str, text: str, style: str, span: Span) -> None | bool | int | float | str:
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

    def _open(self, event: Any, is_mapping: bool, count: int, depth: int) -> _Frame:
        if depth >= MAX_DEPTH:
            self._too_deep(event)
        start, _ = self._range(event)
        tag = event.tag
        if event.anchor or tag:
            start = _after_properties(self.source.text, start, len(self.source.text))
        if self.direct and not (event.anchor or tag):
            line, column = event.start_mark.line + 1, event.start_mark.column + 1
        else:
            line, column = self.source.position(start)
        span = Span(self.source.path, line, column, line, column)
        flow = bool(event.flow_style)
        node = CstMapping(span, [], start, start, flow) if is_mapping else CstSequence(span, [], start, start, flow)
        if tag and tag not in ("!", "tag:yaml.org,2002:map" if is_mapping else "tag:yaml.org,2002:seq"):
            self._refuse_tag(tag, span)
        if event.anchor:
            self.anchors[event.anchor] = None
        return _Frame(node, event.anchor, count - 1, line)

    def _close(self, frame: _Frame, event: Any, count: int) -> CstNode:
        node = frame.node
        span = node.span
        if node.flow or not node:
            _, node.end = self._range(event)
            if self.direct:
                mark = event.end_mark
                node.span = Span(span.path, span.line, span.column, mark.line + 1, mark.column + 1)
            else:
                node.span = self.source.span(node.start, node.end)
        else:
            # The end mark of a block collection lies behind blank lines and comments.
            last = node.items[-1] if isinstance(node, CstSequence) else node.entries[-1][1]
            if last.end < node.start and isinstance(node, CstMapping):
                last = node.entries[-1][0]
            if last.end >= node.start:
                node.end = last.end
                node.span = Span(span.path, span.line, span.column, last.span.end_line, last.span.end_column)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchor(node, count - frame.before, frame.height + 1)
        return node

    def _alias(self, event: Any) -> tuple[CstNode, int, int]:
        """The node an alias stands for, its size and its height; a null scalar for a bad one."""
        name = event.anchor
        found = self.anchors.get(name)
        if found is not None:
            return found.node, found.size, found.height
        start, end = self._range(event)
        span = self.source.span(start, end)
        if name in self.anchors:
            self.reporter.report(
                100, span, reason=f"the alias '*{name}' stands inside its own anchor '&{name}'"
            )
        else:
            self.reporter.report(
                100,
                span,
                reason=f"the alias '*{name}' names no anchor above it",
                hint=f"put '&{name}' before the value it stands for, or write the text in quotes",
            )
        return CstScalar(span, None, "", "plain", start, end, self.source), 1, 0

    def _bad_key(self, node: CstNode) -> CstScalar:
        """A list or mapping in place of a key: reported, and read as the text it is written with."""
        self.reporter.report(
            110, node.span, text="a key must be a word, not a list or mapping", hint="put the key in quotes"
        )
        text = self.source.text[node.start : node.end]
        return CstScalar(node.span, text, text, "plain", node.start, node.end, self.source)

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


def _after_properties(text: str, start: int, end: int) -> int:
    """The offset behind the anchor and tag that stand at `start`."""
    at = start
    while at < end and text[at] in "&!":
        while at < end and not text[at].isspace():
            at += 1
        after = at
        while after < end and text[after].isspace():
            after += 1
        if after >= end:
            return at
        at = after
    return at
