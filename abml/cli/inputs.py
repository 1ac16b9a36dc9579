"""What commands read: documents, programs, directories, standard input, values given as JSON."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DOCUMENT_ENDINGS = (".abml", ".abml.yml", ".abml.yaml")
MAYBE_DOCUMENT_ENDINGS = (".yml", ".yaml")
TEST_ENDINGS = ("_test.abml.yml", "_test.abml.yaml")
STDIN = "-"
STDIN_NAME = "<stdin>"


class Unreadable(Exception):
    """A file that cannot be read or written: exit status 2."""

    def show(self) -> None:
        """Tell standard error."""
        sys.stderr.write(f"abmlc: {self}\n")


class Input(NamedTuple):
    """One text to work on.

    Attributes:
        name: how messages call it: the path as the user wrote it, or `<stdin>`.
        path: where it is on disk; None for standard input.
        data: its bytes.
    """

    name: str
    path: str | None
    data: bytes


def read(path: str) -> Input:
    """The bytes of a file, or of standard input for `-`."""
    if path == STDIN:
        return Input(STDIN_NAME, None, sys.stdin.buffer.read())
    if not path or "\0" in path:
        raise Unreadable(f"{path!r}: no file has such a name")
    try:
        with open(path, "rb") as file:
            return Input(path, path, file.read())
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or error}") from None


def paths(given: Sequence[str]) -> list[str]:
    """The documents behind the arguments: directories are searched, everything else stands for itself."""
    found: list[str] = []
    for path in given:
        if path == STDIN or not os.path.isdir(path):
            found.append(path)
            continue
        inside = list(_search(path))
        if not inside:
            raise Unreadable(f"{path}: no ABML documents in this directory")
        found.extend(inside)
    return list(dict.fromkeys(found))


def _search(folder: str) -> Iterator[str]:
    """Documents below a folder, sorted; hidden folders and behavior tests are passed over."""
    for here, below, files in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(here, name)
            if name.endswith(TEST_ENDINGS) or name.startswith("."):
                continue
            if name.endswith(DOCUMENT_ENDINGS) or (name.endswith(MAYBE_DOCUMENT_ENDINGS) and _is_document(path)):
                yield path


def _is_document(path: str) -> bool:
    """Whether a YAML file has the two keys that every document needs."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return False
    keys = {
        line.split(b":", 1)[0].strip(b"\"' ") for line in data.splitlines() if line[:1] not in b" \t#-" and b":" in line
    }
    return bool(keys & {b"version", b"abml"}) and bool(keys & {b"metadata", b"meta"})


def is_program(data: bytes) -> bool:
    """Whether the bytes are a compiled program, by their first four."""
    return data[:4] == b"ABMC"


def scope(text: str | None) -> dict[str, Any]:
    """The value of `--scope`: JSON, or `@FILE` with JSON in it; an object either way."""
    return mapping(text, "--scope", "the names of variables")


def mapping(text: str | None, option: str, keys: str) -> dict[str, Any]:
    """The value of an option that takes a JSON object, or `@FILE` with one; empty when it is not given.

    Args:
        keys: what the keys are, for the message.
    """
    if text is None:
        return {}
    value, source = _json(text, option)
    if not isinstance(value, dict):
        raise Unreadable(f"{source}: a JSON object is expected, with {keys} as keys")
    return value


def answers(text: str | None) -> list[Any] | None:
    """The value of `--answers`: JSON, or `@FILE` with JSON in it; a list either way."""
    if text is None:
        return None
    value, source = _json(text, "--answers")
    if not isinstance(value, list):
        raise Unreadable(f"{source}: a JSON list is expected, with one answer for each question")
    return value


def _json(text: str, source: str) -> tuple[Any, str]:
    """The JSON of an option or of the file it names, and where it stands."""
    import json

    if text.startswith("@"):
        source = text[1:]
        try:
            text = read(source).data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Unreadable(f"{source}: not UTF-8 text") from None
    try:
        return json.loads(text), source
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{source}: not JSON: {error}") from None
