"""From the bytes of a file to a `Source`: UTF-8, with an optional byte order mark."""

from __future__ import annotations

from abml.diagnostics import Reporter
from abml.source import Source, Span

_UTF8_MARK = b"\xef\xbb\xbf"
# Longest first: the mark of UTF-32 begins with that of UTF-16.
_OTHER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


def decode(data: bytes, path: str | None, reporter: Reporter) -> Source | None:
    """Decode a document; gives the reporter its source when it has none.

    Args:
        data: the file as read.
        path: as the user named it.
        reporter: gets ABML100 for bytes that are no UTF-8 text.

    Returns:
        The source without a byte order mark, or None after an error.
    """
    for mark, name in _OTHER_MARKS:
        if data.startswith(mark):
            _refuse(data, 0, path, reporter, f"the file is encoded in {name}", "save it as UTF-8")
            return None
    if data.startswith(_UTF8_MARK):
        data = data[len(_UTF8_MARK) :]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        if b"\0" in data[:4096]:
            _binary(data, path, reporter)
        else:
            reason = f"the byte 0x{data[fault.start]:02X} is not UTF-8 text"
            _refuse(data, fault.start, path, reporter, reason, "save the file as UTF-8")
        return None
    if "\0" in text:
        _binary(data, path, reporter)
        return None
    source = Source(text, path)
    if reporter.source is None:
        reporter.source = source
    return source


def _binary(data: bytes, path: str | None, reporter: Reporter) -> None:
    reason = "the file holds zero bytes, so it is not a text"
    _refuse(data, data.find(b"\0"), path, reporter, reason, "name a document, not a compiled or binary file")


def _refuse(data: bytes, at: int, path: str | None, reporter: Reporter, reason: str, hint: str) -> None:
    """Report ABML100 at a byte offset."""
    begin = data.rfind(b"\n", 0, at) + 1
    line = data.count(b"\n", 0, at) + 1
    column = len(data[begin:at].decode("utf-8", "replace")) + 1
    reporter.report(100, Span(path, line, column, line, column + 1), reason=reason, hint=hint)
