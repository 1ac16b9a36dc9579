"""From bytes to a source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.diagnostics import Reporter
from abml.syntax.decoding import decode


def test_utf8_with_and_without_mark() -> None:
    for data in ("é: 1\n".encode(), b"\xef\xbb\xbf" + "é: 1\n".encode()):
        reporter = Reporter()
        source = decode(data, "a.yml", reporter)
        assert source is not None and source.text == "é: 1\n" and source.path == "a.yml"
        assert reporter.source is source and not reporter.diagnostics


@pytest.mark.parametrize(
    ("data", "place", "part"),
    [
        ("a: é\n".encode("utf-16"), (1, 1), "UTF-16"),
        ("a: é\n".encode("utf-32"), (1, 1), "UTF-32"),
        ("a: 1\né: ü\n".encode("latin-1"), (2, 1), "0xE9"),
        ("a: 1\nééx".encode() + b"\xff", (2, 4), "0xFF"),
        (b"ABMC\x00\x01\xff\xfe", (1, 5), "zero bytes"),
        (b"a: b\x00\n", (1, 5), "zero bytes"),
    ],
)
def test_other_bytes_are_refused_with_their_place(data: bytes, place: tuple[int, int], part: str) -> None:
    reporter = Reporter()
    assert decode(data, "a.yml", reporter) is None
    (diag,) = reporter.diagnostics
    assert diag.code == "ABML100" and part in diag.message
    assert (diag.span.line, diag.span.column) == place
    assert diag.help


@given(st.binary())
def test_any_bytes(data: bytes) -> None:
    reporter = Reporter()
    assert (decode(data, None, reporter) is None) == reporter.has_errors
