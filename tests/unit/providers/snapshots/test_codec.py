"""The coded form of an entry: deterministic, and every kind of damage a fault with its code, in bounded memory."""

from __future__ import annotations

import base64
import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abml.providers.snapshots.codec import DecodeFault, DecodeLimits, decode, encode

_plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def packed(raw: bytes) -> str:
    return base64.b64encode(gzip.compress(raw, mtime=0)).decode()


@given(st.dictionaries(st.text(), _plain, max_size=6))
def test_res_010_decode_undoes_encode(data: dict[str, Any]) -> None:
    coded = encode(data)
    assert decode(coded.data, coded.checksum) == data
    assert encode(data) == coded


def test_res_010_equal_data_has_equal_bytes() -> None:
    assert encode({"a": [1, 2]}).data == encode({"a": [1, 2]}).data
    # The time in the head of a gzip file is not that of the clock.
    assert base64.b64decode(encode({"a": 1}).data)[4:8] == b"\0\0\0\0"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not base64!", "base64"),
        ("AAA", "base64"),
        ("ünlesbar", "base64"),
        (None, "base64"),
        (17, "base64"),
        ("", "gzip"),
        (base64.b64encode(b"plain text").decode(), "gzip"),
        (base64.b64encode(gzip.compress(b"{}")[:-3]).decode(), "gzip"),
        (base64.b64encode(gzip.compress(b"{}")[:-8] + b"12345678").decode(), "gzip"),
        (base64.b64encode(gzip.compress(b"{}") + gzip.compress(b"{}")).decode(), "gzip"),
        (base64.b64encode(zlib.compress(b"{}")).decode(), "gzip"),
        (packed(b"{"), "json"),
        (packed(b""), "json"),
        (packed(b'{"a": NaN}'), "json"),
        (packed(b'{"a": "\xff"}'), "json"),
        (packed(b'{"a": "\\ud800"}'), "json"),
        (packed(b'{"\\ud800": 1}'), "json"),
        (packed(b'{"a": ' + b"9" * 5000 + b"}"), "json"),
        (packed(b"[1, 2]"), "shape"),
        (packed(b"null"), "shape"),
        (packed(b'"text"'), "shape"),
        (packed(b"12"), "shape"),
        (packed(b'{"a":' * 150 + b"1" + b"}" * 150), "too_large"),
    ],
)
def test_res_010_damage_is_a_fault_with_a_code(text: Any, code: str) -> None:
    with pytest.raises(DecodeFault) as caught:
        decode(text)
    assert caught.value.code == code
    assert str(caught.value).endswith(f"[{code}]")


def test_deep_nesting_is_a_fault() -> None:
    with pytest.raises(DecodeFault) as caught:
        decode(packed(b'{"a":' + b"[" * 200_000), limits=DecodeLimits(max_values=1_000_000))
    assert caught.value.code == "json"


def test_res_010_an_expansion_of_a_hundred_megabytes_stops_at_the_limit() -> None:
    bomb = packed(b'{"a":"' + b" " * (120 * 1024 * 1024) + b'"}')
    assert len(bomb) < 200_000
    tracemalloc.start()
    try:
        with pytest.raises(DecodeFault) as caught:
            decode(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "too_large"
    assert peak < 12 * 1024 * 1024


def test_many_small_values_are_refused_before_they_exist() -> None:
    tracemalloc.start()
    try:
        with pytest.raises(DecodeFault) as caught:
            decode(packed(b'{"a":[' + b"[]," * 2_000_000 + b"1]}"))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.code == "too_large"
    assert peak < 40 * 1024 * 1024


def test_commas_in_texts_are_no_values() -> None:
    data = {"a": ",[{" * 300_000, "b": '\\",' * 1000}
    assert decode(encode(data).data) == data


def test_texts_without_end_are_looked_at_once() -> None:
    hostile = b'{"a":"' + b'\\"' * 1_000_000 + b"," * 400_000
    with pytest.raises(DecodeFault) as caught:
        decode(packed(hostile))
    assert caught.value.code == "json"


def test_long_coded_text_is_refused_unread() -> None:
    with pytest.raises(DecodeFault) as caught:
        decode("A" * 200_000, limits=DecodeLimits(max_bytes=1_000))
    assert caught.value.code == "too_large"


def test_numbers_are_those_of_the_language() -> None:
    data = decode(packed(b'{"a": 2.0, "b": [3.5, -0.0], "c": 1e300, "d": 9223372036854775808, "e": 7, "f": true}'))
    assert data == {"a": 2, "b": [3.5, 0], "c": 1e300, "d": 2.0**63, "e": 7, "f": True}
    assert [type(value) for value in data["b"]] == [float, int]
    assert [type(data[key]) for key in "acdef"] == [int, float, float, int, bool]


def test_checksum() -> None:
    coded = encode({"a": 1})
    with pytest.raises(DecodeFault) as caught:
        decode(encode({"a": 2}).data, coded.checksum)
    assert caught.value.code == "checksum"
    # A checksum of another kind cannot be compared.
    assert decode(coded.data, "md5:1234") == {"a": 1}


def test_lines_of_base64() -> None:
    text = encode({"a": "x" * 300}).data
    lines = "\r\n".join(text[at : at + 20] for at in range(0, len(text), 20))
    assert decode(f" {lines}\n") == {"a": "x" * 300}


def test_what_is_no_json_cannot_be_encoded() -> None:
    with pytest.raises(ValueError):
        encode({"a": float("nan")})
    with pytest.raises(TypeError):
        encode({"a": object()})


@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_input_is_an_object_or_a_fault(given: bytes | str) -> None:
    texts = [given] if isinstance(given, str) else [given.decode("latin-1"), packed(given), json.dumps(given.hex())]
    for text in texts:
        try:
            assert isinstance(decode(text), dict)
        except DecodeFault as fault:
            assert fault.message


@pytest.mark.parametrize(
    ("limits", "fits", "does_not"),
    [
        (DecodeLimits(max_bytes=20), {"a": "x" * 12}, {"a": "x" * 13}),
        (DecodeLimits(max_depth=3), {"a": [{"b": 1}]}, {"a": [{"b": [1]}]}),
        (DecodeLimits(max_values=5), {"a": [1, 2], "b": 3, "c": 4}, {"a": [1, 2], "b": 3, "c": 4, "d": 5}),
    ],
)
def test_just_under_and_just_over_each_limit(limits: DecodeLimits, fits: Any, does_not: Any) -> None:
    assert decode(encode(fits).data, limits=limits) == fits
    with pytest.raises(DecodeFault) as caught:
        decode(encode(does_not).data, limits=limits)
    assert caught.value.code == "too_large"
