"""Fixes of misspelled names: an edit only where one known name is meant beyond doubt."""

from __future__ import annotations

from collections.abc import Iterable

from abml.diagnostics import Fix
from abml.source import Source, Span
from abml.suggest import distance

_LONGEST = 64
_QUOTES = ("'", '"')
_MAX_COMPARED = 2_000


def renaming(source: Source | None, span: Span, name: str, near: str | None, known: Iterable[str]) -> Fix | None:
    """The edit that writes a known name in place of another, or None.

    None unless the name differs from the known one in letter case or by a small
    edit distance, no other known name is as near, and the name stands in the
    span exactly once.

    Args:
        span: where the name is written; it may hold quotes and more around it.
        near: the known name that was found, as `abml.suggest.nearest` gives it.
        known: all names that it was chosen from.
    """
    if source is None or near is None or span.line != span.end_line or source.path != span.path:
        return None
    if not is_certain(name, near, known):
        return None
    written = source.line(span.line)[span.column - 1 : span.end_column - 1]
    at = _only_place(written, name)
    if at is None or not _fits(written, at, name, near):
        return None
    start = span.column + at
    return Fix(span._replace(column=start, end_column=start + len(name)), near)


def is_certain(name: str, near: str, known: Iterable[str]) -> bool:
    """Whether no other known name is as near to a written one."""
    folded = name.casefold()
    limit = 1 if len(name) <= 3 else 2
    if max(len(name), len(near)) > _LONGEST:
        return False
    least = distance(folded, near.casefold(), limit)
    if least > limit:
        return False
    others = dict.fromkeys(known)
    others.pop(near, None)
    if len(others) > _MAX_COMPARED:
        return False
    return all(distance(folded, other.casefold(), least) > least for other in others if len(other) <= _LONGEST)


def _only_place(text: str, name: str) -> int | None:
    """Where a name stands as a word of its own, when it does so once."""
    found = None
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(name) : at + len(name) + 1]
        if not _continues(before) and not _continues(after):
            if found is not None:
                return None
            found = at
        at = text.find(name, at + 1)
    return found


def _continues(character: str) -> bool:
    return character.isalnum() or character in ("_", "-") if character else False


def _fits(text: str, at: int, name: str, near: str) -> bool:
    """Whether the known name needs no more quotes than the written one has."""
    plain = near.replace("_", "a").replace("-", "a").replace(".", "a").isalnum()
    is_quoted = text[at - 1 : at] in _QUOTES and text[at + len(name) : at + len(name) + 1] in _QUOTES
    return plain or (is_quoted and not any(sign in near for sign in "'\"\\"))
