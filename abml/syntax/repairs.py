"""Source repairs: quotes around three shapes that authors write unquoted (language 1.1, R1 to R3).

A line scanner that knows just enough of YAML to tell where a value begins: it
steps over quoted texts, block scalars, comments and continuation lines, and
looks at the first characters of every plain scalar. Everything it inserts is
recorded, so that spans can point into the text as written.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

from abml.patterns import lazy
from abml.source import Source

_BOM = "\ufeff"

# Without a match no repair is possible, and most texts are done here. Quoted
# texts can match too, which costs only time.
_CANDIDATE = re.compile(r"(?m)(?:^|[:?\-][ \t]|[\[{,])[ \t]*+(?:@|\{[{%]|\$\{)")
# A line up to its value: indentation, `- ` and `? ` marks, and a key. The
# possessive quantifiers keep a hostile line of thousands of dashes linear.
_HEAD = re.compile(
    r"(?P<indent> *+)(?P<marks>(?:[-?:][ \t]++)*+)"
    r"(?P<key>(?:\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\n]|'')*+'|[^\s\"'\[\]{}#&*!|>@`%,$][^\n]*?)[ \t]*:(?=\s|\Z))?[ \t]*+"
)
# Lines in which nothing can be repaired and that end where they seem to: blank
# lines, comments, and a key or item with a quoted or simple value. Most lines
# are of this kind, and one match steps over all of them.
_DOUBLE = r"\"(?:[^\"\\\n]|\\.)*+\""
_SINGLE = r"'[^'\n]*+'(?!')"
_FLOW_PIECE = rf"[^\n@$\"'#{{}}\[\]]|{_DOUBLE}|{_SINGLE}"
_FLOW = rf"[\[{{](?![{{%])(?:{_FLOW_PIECE}|[\[{{](?![{{%])(?:{_FLOW_PIECE})*+[\]}}])*+[\]}}]"
_SIMPLE = r"[\w(/<=][^\n\"'#:{}\[\]\r]*+"
_QUIET = re.compile(
    r"(?:[ \t]*+\r?\n| *+#[^\n]*+\n| *+(?:- ++)*+(?:[\w.]++[\w.-]*+: *+)?+"
    rf"(?:{_DOUBLE}|{_SINGLE}|{_SIMPLE}|{_FLOW})?+(?:[ \t]++#[^\n]*+|[ \t]*+\r?)\n)++"
)
_BLOCK_HEADER = lazy(r"[|>][-+0-9]*+[ \t]*+(?:#[^\n]*+)?\r?$", re.MULTILINE)
_PROPERTY = lazy(r"[&!*][^\s,\[\]{}]*+[ \t]*+")
_FLOW_PLAIN = lazy(r"(?:[^,\[\]{}\n:#]|:(?![ \t\r\n,\[\]{}])|(?<![ \t])#)++")
_COMMENT = lazy(r"[ \t]#")
_COLON = lazy(r":(?=\s|\Z)")

# The search for closing braces may look at so many characters for each of the
# text, all searches together; after that the rest stays as it is written.
_BUDGET = 8


class Repair(NamedTuple):
    """One repair: its rule (R1, R2, R3), where it stands in the source, and what an author may write there."""

    rule: str
    start: int
    end: int
    quoted: str


class Repairs:
    """A text with its repairs, and the way back to the source.

    Attributes:
        text: what YAML reads.
        dropped: characters left out at the beginning (byte order marks).
        inserted: ascending offsets in `text` of the characters that were added.
        made: the repairs, in order.
        starts: source offsets where a repaired scalar begins.
    """

    __slots__ = ("dropped", "inserted", "made", "starts", "text")

    def __init__(self, text: str, dropped: int, inserted: list[int], made: list[Repair]) -> None:
        self.text = text
        self.dropped = dropped
        self.inserted = inserted
        self.made = made
        self.starts = {item.start for item in made}

    def original(self, offset: int) -> int:
        """The source offset of an offset in `text`."""
        return offset - bisect_left(self.inserted, offset) + self.dropped


def repair(source: Source) -> Repairs:
    """Apply R1 to R3 to a source; takes time linear in its length."""
    text = source.text
    # The scanner would skip a second mark without counting it.
    stripped = text.lstrip(_BOM)
    dropped = len(text) - len(stripped)
    text = stripped
    if _CANDIDATE.search(text) is None:
        return Repairs(text, dropped, [], [])
    found = _Scanner(text).scan()
    pieces: list[str] = []
    inserted: list[int] = []
    made: list[Repair] = []
    done = shift = 0
    for rule, start, end in found:
        raw = text[start:end]
        inserted.append(start + shift)
        shift += 1
        for at, char in enumerate(raw):
            if char == "'":
                inserted.append(start + at + shift)
                shift += 1
        inserted.append(end + shift)
        shift += 1
        pieces += (text[done:start], "'", raw.replace("'", "''"), "'")
        made.append(Repair(rule, start + dropped, end + dropped, _quote(raw)))
        done = end
    pieces.append(text[done:])
    return Repairs("".join(pieces), dropped, inserted, made)


def _quote(raw: str) -> str:
    """The scalar in the quotes that need no escapes, double ones first."""
    if '"' not in raw and "\\" not in raw:
        return f'"{raw}"'
    return "'" + raw.replace("'", "''") + "'"


def shorten(text: str, limit: int = 60) -> str:
    """A text for a message: one line, at most `limit` characters."""
    line = " ".join(text[: 4 * limit].split())
    return line if len(line) <= limit and len(text) <= 4 * limit else line[: limit - 1] + "…"


class _Scanner:
    """Walks the lines of a text and finds the scalars to quote."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.size = len(text)
        self.found: list[tuple[str, int, int]] = []
        self.budget = _BUDGET * self.size + 1000

    def scan(self) -> list[tuple[str, int, int]]:
        """(rule, start, end) of every repair, ascending."""
        text, size = self.text, self.size
        head, quiet, find = _HEAD.match, _QUIET.match, self.text.find
        at = settled = 0
        # Column of the innermost key or mark: what is indented deeper belongs to it.
        parent = -1
        # Parent of a plain scalar whose continuation lines may follow; None otherwise.
        plain: int | None = None
        while at < size:
            match = head(text, at)
            assert match is not None
            end = find("\n", at)
            if end < 0:
                end = size
            indent, marks, value = match.end("indent"), match.end("marks"), match.end()
            first = text[indent : indent + 1]
            if first in ("", "\n", "\r"):
                at = end + 1
                continue
            if first == "#":
                plain = None
                at = end + 1
                continue
            if plain is not None and indent - at > plain:
                at = end + 1
                continue
            plain = None
            if at >= settled:
                run = quiet(text, at)
                if run is not None:
                    settled = run.end()
                    at = self._last_owner(at, settled)
                    continue
            if text.startswith(("---", "..."), at) and text[at + 3 : at + 4] in ("", " ", "\t", "\r", "\n"):
                parent, value = -1, at + 3
                while value < end and text[value] in " \t":
                    value += 1
            else:
                key = match.group("key")
                if key is not None and key[0] not in "\"'" and _COMMENT.search(key) is not None:
                    key, value = None, marks
                if key is not None:
                    parent = marks - at
                elif marks > indent:
                    parent = len(text[at:marks].rstrip(" \t")) - 1
            at, plain = self._value(value, end, parent, key_before=match.group("key") is not None)
        return self.found

    def _last_owner(self, start: int, stop: int) -> int:
        """The last line from `start` to `stop` with a key or an item: it decides how to read the line at `stop`."""
        text = self.text
        at = stop
        while at > start:
            at = text.rfind("\n", start, at - 1) + 1 or start
            match = _HEAD.match(text, at)
            assert match is not None
            if match.group("key") is not None or match.end("marks") > match.end("indent"):
                break
        return at

    def _value(self, at: int, end: int, parent: int, *, key_before: bool) -> tuple[int, int | None]:
        """Handle the value at `at`; where to go on, and the parent of a plain scalar that may continue."""
        text = self.text
        while at < end and text[at] in "&!*":
            after = _PROPERTY.match(text, at)
            assert after is not None
            at = after.end()
        char = text[at : at + 1]
        if at >= end or char in "#\r":
            return end + 1, None
        if char in "|>" and _BLOCK_HEADER.match(text, at):
            return self._block_scalar(end + 1, parent), None
        if char in "\"'":
            return self._line_after(self._quoted(at)), None
        if char == "{" and text[at + 1 : at + 2] in ("{", "%"):
            return self._template(at, end, parent), None
        if char in "[{":
            return self._line_after(self._flow(at)), None
        if char == "@":
            stop = self._comment(at, end)
            if _COLON.search(text, at, stop) is None:
                self.found.append(("R1", at, stop))
            return end + 1, None
        if text.startswith("${", at):
            return self._expression(at, end, parent, key_before), parent
        return end + 1, parent

    def _line_after(self, at: int) -> int:
        """The beginning of the line after the one that holds `at`."""
        end = self.text.find("\n", at)
        return self.size if end < 0 else end + 1

    def _comment(self, at: int, end: int) -> int:
        """The end of a plain scalar in one line: before a comment and trailing blanks."""
        match = _COMMENT.search(self.text, at, end)
        stop = end if match is None else match.start()
        return at + len(self.text[at:stop].rstrip())

    def _block_scalar(self, at: int, parent: int) -> int:
        """The first line after a block scalar that belongs to `parent`."""
        text = self.text
        while at < self.size:
            end = self._line_after(at)
            line = text[at:end]
            content = line.lstrip(" ")
            if content.strip() and len(line) - len(content) <= parent:
                return at
            at = end
        return at

    def _quoted(self, at: int) -> int:
        """The offset behind a quoted scalar; the end of the text when it is not closed."""
        text, quote = self.text, self.text[at]
        at += 1
        while True:
            stop = text.find(quote, at)
            if stop < 0:
                return self.size
            if quote == "'":
                if text.startswith("''", stop):
                    at = stop + 2
                    continue
                return stop + 1
            slashes = stop
            while slashes > at and text[slashes - 1] == "\\":
                slashes -= 1
            if (stop - slashes) % 2 == 0:
                return stop + 1
            at = stop + 1

    def _extent(self, end: int, parent: int) -> int:
        """The end of a plain scalar whose first line ends at `end`, with its continuation lines."""
        text = self.text
        stop = end
        at = end + 1
        while at < self.size:
            after = self._line_after(at)
            line = text[at:after]
            content = line.strip()
            if content:
                if len(line) - len(line.lstrip(" ")) <= parent or content[0] == "#":
                    break
                stop = at + len(line.rstrip("\r\n"))
            at = after
        return stop

    def _groups(self, at: int, stop: int) -> tuple[list[tuple[int, int]], int]:
        """The `${}`, `{{}}` and `{%%}` groups of a plain scalar, and where it ends (before a comment)."""
        text = self.text
        groups: list[tuple[int, int]] = []
        while at < stop:
            char = text[at]
            if char == "#" and text[at - 1] in " \t\n":
                return groups, at
            if char in "${" and text.startswith(("${", "{{", "{%"), at):
                close = self._close(at, stop)
                close = stop if close < 0 else close
                groups.append((at, close))
                at = close
                continue
            at += 1
        return groups, stop

    def _expression(self, at: int, end: int, parent: int, key_before: bool) -> int:
        """R2 in a block: quote a plain scalar that starts with `${` and that YAML would cut."""
        text = self.text
        groups, stop = self._groups(at, self._extent(end, parent))
        stop = at + len(text[at:stop].rstrip())
        outside = self._colon_outside(at, stop, groups)
        if outside and not key_before:
            # `- ${name}: value` is a key, not a value.
            return end + 1
        if outside or _COLON.search(text, at, stop) or _COMMENT.search(text, at, stop):
            self.found.append(("R2", at, stop))
        return self._line_after(max(stop, end))

    def _colon_outside(self, at: int, stop: int, groups: list[tuple[int, int]]) -> bool:
        for start, close in [*groups, (stop, stop)]:
            match = _COLON.search(self.text, at, start)
            if match is not None and match.end() <= start:
                return True
            at = close
        return False

    def _template(self, at: int, end: int, parent: int) -> int:
        """R3 in a block: quote a plain scalar that starts with `{{` or `{%`."""
        _, stop = self._groups(at, self._extent(end, parent))
        stop = at + len(self.text[at:stop].rstrip())
        self.found.append(("R3", at, stop))
        return self._line_after(max(stop, end))

    def _flow(self, at: int) -> int:
        """Scan a flow collection; the offset behind it, the end of the text when it is not closed."""
        text, size = self.text, self.size
        depth = 0
        while at < size:
            char = text[at]
            if char in " \t\r\n,:?-" and (char != "-" or text[at + 1 : at + 2] in (" ", "\t")):
                at += 1
            elif char == "{" and text[at + 1 : at + 2] in ("{", "%"):
                at = self._flow_scalar("R3", at)
            elif char in "[{":
                depth += 1
                at += 1
            elif char in "]}":
                depth -= 1
                at += 1
                if depth <= 0:
                    return at
            elif char in "\"'":
                at = self._quoted(at)
            elif char == "#":
                at = self._line_after(at)
            elif char == "@":
                at = self._flow_scalar("R1", at)
            elif text.startswith("${", at):
                at = self._flow_scalar("R2", at)
            elif char in "&!*":
                match = _PROPERTY.match(text, at)
                assert match is not None
                at = match.end()
            else:
                match = _FLOW_PLAIN.match(text, at)
                at = at + 1 if match is None else match.end()
        return at

    def _flow_scalar(self, rule: str, at: int) -> int:
        """Quote a scalar in a flow collection, up to its closing brace and with what belongs to the same scalar."""
        text = self.text
        stop = at + 1 if rule == "R1" else self._close(at, self.size)
        if stop < 0:
            return at + 2
        while True:
            match = _FLOW_PLAIN.match(text, stop)
            if match is not None:
                stop = match.end()
                # A `$` that the plain text swallowed begins the next group.
                if text.startswith("${", stop - 1):
                    stop -= 1
            if not text.startswith(("${", "{{", "{%"), stop):
                break
            close = self._close(stop, self.size)
            if close < 0:
                break
            stop = close
        stop = at + len(text[at:stop].rstrip())
        self.found.append((rule, at, stop))
        return stop

    def _close(self, at: int, stop: int) -> int:
        """The offset behind the group that opens at `at`; -1 when it does not close before `stop`."""
        text = self.text
        begin = at
        closer = {"${": "", "{{": "}}", "{%": "%}"}[text[at : at + 2]]
        depth = 0
        at += 1 if not closer else 2
        result = -1
        stop = min(stop, begin + self.budget)
        while at < stop:
            char = text[at]
            if char in "'\"":
                at = self._string(at, stop)
                continue
            if closer:
                if text.startswith(closer, at):
                    result = at + 2
                    break
            elif char == "{":
                depth += 1
            elif char == "}":
                depth -= 1
                if depth == 0:
                    result = at + 1
                    break
            at += 1
        self.budget -= min(at, stop) - begin
        return result

    def _string(self, at: int, stop: int) -> int:
        """The offset behind a quoted text of an expression; behind the quote alone when it is not closed."""
        text, quote = self.text, self.text[at]
        close = at + 1
        while True:
            close = text.find(quote, close, stop)
            if close < 0:
                # So that many lone quotes do not search the whole text each.
                self.budget -= stop - at
                return at + 1
            if text[close - 1] != "\\":
                return close + 1
            close += 1
