"""The coded form of an entry's data: base64 of gzip of a JSON object, with hard bounds on what it may expand to."""

from __future__ import annotations

import binascii
import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from abml.errors import AbmlError
from abml.values import INT_MAX, INT_MIN

FaultCode = Literal["base64", "gzip", "too_large", "json", "shape", "checksum", "schema"]

_GZIP = 31
# The closing quote may be missing: a pattern that then fails would begin again at every quote.
_JSON_TEXT = rb'(?s)"(?:[^"\\]|\\.)*+"?'
_CHUNK = 1 << 16


class DecodeLimits(NamedTuple):
    """Bounds of one entry.

    Attributes:
        max_bytes: of the JSON after expansion; the coded form may be a third longer than that.
        max_depth: nesting of lists and maps.
        max_values: values in all, over every level.
    """

    max_bytes: int = 8 * 1024 * 1024
    max_depth: int = 100
    max_values: int = 200_000


DEFAULT_LIMITS = DecodeLimits()


class DecodeFault(AbmlError, ValueError):
    """Data of an entry that cannot be read.

    Attributes:
        code: which layer is wrong: `base64`, `gzip`, `too_large`, `json`, `shape`, `checksum` or `schema`.
        message: one sentence.
    """

    def __init__(self, code: FaultCode, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


class Encoded(NamedTuple):
    """Data in coded form; the checksum is that of `SnapshotEntry`, the size that of the JSON in bytes."""

    data: str
    checksum: str
    size: int


def encode(data: Mapping[str, Any]) -> Encoded:
    """The coded form of a JSON object; equal objects with equal key order give equal bytes.

    Raises:
        ValueError, TypeError: something in it is no JSON, such as NaN or an object of the host.
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
    raw = text.encode("utf-8")
    packed = gzip.compress(raw, compresslevel=6, mtime=0)
    return Encoded(binascii.b2a_base64(packed, newline=False).decode("ascii"), _checksum(raw), len(raw))


def decode(text: object, checksum: str | None = None, limits: DecodeLimits = DEFAULT_LIMITS) -> dict[str, Any]:
    """The object of a coded form, as plain values of the language: whole numbers are ints.

    Args:
        text: what an entry has as its data; anything but text is a fault.
        checksum: `sha256:…` is compared with the JSON; other forms are not known and not checked.

    Raises:
        DecodeFault: it is wrong in any layer, or expands beyond the limits. No more memory than
            the limits allow was taken by then.
    """
    raw = _expand(_from_base64(text, limits), limits)
    if checksum is not None and checksum.startswith("sha256:") and checksum != _checksum(raw):
        raise DecodeFault("checksum", "the data is not what its checksum was made of")
    _check_count(raw, limits)
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise DecodeFault("json", "the data is not UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise DecodeFault("json", f"the data is no JSON: {str(error)[:120]}") from None
    if not isinstance(value, dict):
        raise DecodeFault("shape", f"the data is a JSON {_json_name(value)}, not an object")
    return normalized(value, limits)


def normalized(value: dict[str, Any], limits: DecodeLimits = DEFAULT_LIMITS) -> dict[str, Any]:
    """The object with whole floats as ints and ints beyond 64 bits as floats, changed in place.

    Raises:
        DecodeFault: nested too deep, too many values, or half of a surrogate pair in a text.
    """
    count = 0
    pending: list[tuple[Any, int]] = [(value, 1)]
    while pending:
        holder, depth = pending.pop()
        if depth > limits.max_depth:
            raise DecodeFault("too_large", f"the data is nested more than {limits.max_depth} levels deep")
        count += len(holder)
        if count > limits.max_values:
            raise DecodeFault("too_large", f"the data has more than {limits.max_values} values")
        if type(holder) is dict:
            for key, item in holder.items():
                if not key.isascii():
                    _check_text(key)
                kind = type(item)
                if kind is dict or kind is list:
                    pending.append((item, depth + 1))
                elif kind is float or kind is int:
                    holder[key] = _number(item)
                elif kind is str and not item.isascii():
                    _check_text(item)
        else:
            for at, item in enumerate(holder):
                kind = type(item)
                if kind is dict or kind is list:
                    pending.append((item, depth + 1))
                elif kind is float or kind is int:
                    holder[at] = _number(item)
                elif kind is str and not item.isascii():
                    _check_text(item)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _from_base64(text: object, limits: DecodeLimits) -> bytes:
    if not isinstance(text, str):
        raise DecodeFault("base64", f"the data is {type(text).__name__}, not text")
    # Gzip makes nothing longer by more than a few bytes, base64 by a third.
    if len(text) > limits.max_bytes // 3 * 4 + _CHUNK:
        raise DecodeFault("too_large", f"the coded data is longer than {limits.max_bytes} bytes allow")
    try:
        # Some encoders break lines.
        return binascii.a2b_base64("".join(text.split()), strict_mode=True)
    except ValueError as error:
        raise DecodeFault("base64", f"the data is no base64: {str(error)[:120]}") from None


def _expand(packed: bytes, limits: DecodeLimits) -> bytes:
    """The bytes in a gzip file of one member; stops as soon as there are too many."""
    member = zlib.decompressobj(_GZIP)
    parts: list[bytes] = []
    size = 0
    source = packed
    try:
        while not member.eof:
            # One byte more than allowed is enough to know.
            part = member.decompress(source, min(_CHUNK, limits.max_bytes - size + 1))
            source = member.unconsumed_tail
            size += len(part)
            if size > limits.max_bytes:
                raise DecodeFault("too_large", f"the data expands to more than {limits.max_bytes} bytes")
            if not part and not source and not member.eof:
                raise DecodeFault("gzip", "the data is no complete gzip file")
            parts.append(part)
    except zlib.error as error:
        raise DecodeFault("gzip", f"the data is no gzip file: {str(error)[:120]}") from None
    if member.unused_data:
        raise DecodeFault("gzip", "something follows the gzip file")
    return b"".join(parts)


def _check_count(raw: bytes, limits: DecodeLimits) -> None:
    """Refuse what would parse into too many values, before memory is taken for them."""
    count = raw.count(b",") + raw.count(b"[") + raw.count(b"{")
    if count <= limits.max_values:
        return
    # Texts may be full of commas; they count only outside of them.
    bare = re.sub(_JSON_TEXT, b"", raw)
    if bare.count(b",") + bare.count(b"[") + bare.count(b"{") > limits.max_values:
        raise DecodeFault("too_large", f"the data has more than {limits.max_values} values")


def _checksum(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _json_name(value: object) -> str:
    if isinstance(value, list):
        return "array"
    return {type(None): "null", bool: "boolean", str: "string"}.get(type(value), "number")


def _number(value: int | float) -> int | float:
    if isinstance(value, float):
        return int(value) if value.is_integer() and INT_MIN <= value < 2.0**63 else value
    if INT_MIN <= value <= INT_MAX:
        return value
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise DecodeFault("json", "a text holds half of a surrogate pair") from None
