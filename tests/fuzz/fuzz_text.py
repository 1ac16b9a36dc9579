"""Texts that no author wrote: changed documents, fragments and bytes, through parse, check, compile and format.

    python -m tests.fuzz.fuzz_text SEED COUNT

prints each text that made something raise what the public functions do not
promise, with the last line of the traceback, and how many texts were tried.
"""

from __future__ import annotations

import random
import re
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import abml
from abml.diagnostics import pages

EXAMPLES = Path(__file__).parents[2] / "examples"

# What a text may take; a parser that went quadratic takes minutes.
SECONDS = 5.0

# What breaks YAML, or nearly.
PIECES = (
    "${", "}", "{{", "}}", "{%", "%}", "'", '"', "\\", "|", ">", "\n", "\n  ", "\n    - ", "- ", ": ", "? ", ", ",
    " #", "[", "]", "{", "@", "@a.b", "&a ", "*a", "!!str ", "!x", "---\n", "\t", "\r", "\x00", "\x85", "\ufeff",
    "\ud800", "𝄞", "else: ", "channels:\n", "flows:\n",
)  # fmt: skip
# What stands in expressions and templates.
SIGNS = (
    "${", "}", "{{ ", " }}", "{% if ", "%}", "(", ")", "[", "]", ".", "?.", "..", " ?? ", " => ", " | ", " ? ", " : ",
    " + ", "-", " * ", " / ", " % ", " == ", " < ", "!", " && ", " in ", " not in ", " contains ", "'", "\\", ",", " ",
    "0", "7", "1e999", "99999999999999999999", "0.5", "10s", "null", "true", "x", "oil", "_error", "len(", "map(",
    "\x00", "@", "=", "+=", ";", "`", "é", "$${",
)  # fmt: skip
VALUES = (
    "[]", "{}", "~", "3", "-1", "1.5", "true", "text", "''", '"${oil}"', '"${"', '"{{ oil }}"', "[a, [b]]", "{a: 1}",
    "{value: 1, when: x}", "[{log: a}, noop]", "{log: a}", "{flow: main}", "2s", "[1, null, {}]", '"@a.b"',
    "{else: []}", "{a: {b: {c: [{d: 1}]}}}", "99999999999999999999", "[{when: '${oil}', then: noop}]", "{all_of: [x]}",
    '"a = 1"',
)  # fmt: skip

_WORD = re.compile(r"[A-Za-z_][\w-]*")
_QUOTED = re.compile(r'"([^"\n]*)"')
_VALUE = re.compile(r"(?<=: )(?:\"[^\"\n]*\"|[^\s{}\[\],\"][^{}\[\],\n\"]*|\[[^\[\]\n]*\]|\{[^{}\n]*\})")


def seeds() -> list[str]:
    """The documents that are changed: every example of the catalogue and of the guide."""
    found = []
    for name in pages.names().values():
        page = pages.read_page(name)
        found += [example.text for example in page.fails if len(example.text) < 4_000]
        found += [page.mended] if page.mended else []
    for path in sorted(EXAMPLES.rglob("*.yml")):
        found.append(path.read_text(encoding="utf-8"))
    return found


def change(text: str, rng: random.Random, others: list[str]) -> str:
    """A text with one to four changes: mostly of words, expressions and values, sometimes of anything."""
    # The first lines mostly stay, or most texts would fail at their version.
    head, body = ("", text) if rng.random() < 0.1 else _split_head(text)
    for _ in range(rng.randint(1, 4)):
        body = rng.choices((_word, _expression, _value, _line, _anything), (3, 4, 4, 3, 1))[0](body, rng, others)
    return head + body


def _split_head(text: str) -> tuple[str, str]:
    """The version and metadata lines at the beginning, and the rest."""
    head = re.match(r"(?:(?:version|metadata): [^\n]*\n|metadata:\n(?:  [^\n]*\n)+|#[^\n]*\n)*", text)
    return (text[: head.end()], text[head.end() :]) if head else ("", text)


def _spot(pattern: re.Pattern[str], text: str, rng: random.Random, group: int = 0) -> tuple[int, int]:
    """Where one of the matches stands; the end of the text when there is none."""
    spots = [match.span(group) for match in pattern.finditer(text)]
    return rng.choice(spots) if spots else (len(text), len(text))


def _word(text: str, rng: random.Random, others: list[str]) -> str:
    start, end = _spot(_WORD, text, rng)
    other = rng.choice(others)
    begin, stop = _spot(_WORD, other, rng)
    return text[:start] + other[begin:stop] + text[end:]


def _expression(text: str, rng: random.Random, others: list[str]) -> str:
    start, end = _spot(_QUOTED, text, rng, 1)
    at = rng.randint(start, end)
    return text[:at] + rng.choice(SIGNS) + text[min(end, at + rng.choice((0, 0, 1, 4))) :]


def _value(text: str, rng: random.Random, others: list[str]) -> str:
    start, end = _spot(_VALUE, text, rng)
    return text[:start] + rng.choice(VALUES) + text[end:]


def _line(text: str, rng: random.Random, others: list[str]) -> str:
    """A line doubled, taken out, or brought from another text with its indentation."""
    lines = text.split("\n")
    row = rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        del lines[row]
    else:
        found = lines if kind == 1 else rng.choice(others).split("\n")
        indent = lines[row][: len(lines[row]) - len(lines[row].lstrip())]
        lines.insert(row, indent + rng.choice(found).strip())
    return "\n".join(lines)


def _anything(text: str, rng: random.Random, others: list[str]) -> str:
    at = rng.randrange(len(text) + 1)
    end = min(len(text), at + rng.randint(0, 12))
    match rng.randrange(4):
        case 0:
            return text[:at] + rng.choice(PIECES) + text[at:]
        case 1:
            return text[:at] + rng.choice(PIECES) + text[end:]
        case 2:
            return text[:end] + text[at:end] * rng.randint(1, 3) + text[end:]
        case _:
            other = rng.choice(others)
            begin = rng.randrange(len(other) + 1)
            return text[:at] + other[begin : begin + rng.randint(1, 60)] + text[end:]


def _document(text: str) -> None:
    for diag in abml.check(text):
        str(diag)


def _fragment(text: str) -> None:
    for diag in abml.check(text, fragment=True):
        str(diag)


def _parse(text: str) -> None:
    try:
        abml.parse(text)
    except abml.AbmlSyntaxError:
        pass


def _compile(text: str) -> None:
    try:
        abml.compile(text)
    except abml.CompileError:
        pass


def _bytes(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass")
    abml.check(data[: len(data) // 2] + b"\xff" + data[len(data) // 2 :])
    abml.check(data)


STAGES: tuple[Callable[[str], None], ...] = (_document, _fragment, _parse, _compile, _bytes)


def attempt(text: str) -> str | None:
    """None, or what went wrong: the stage and the last lines of the traceback."""
    for stage in STAGES:
        began = time.perf_counter()
        try:
            stage(text)
        except Exception:
            return f"{stage.__name__}: {''.join(traceback.format_exc().splitlines(keepends=True)[-5:])}"
        if time.perf_counter() - began > SECONDS:
            return f"{stage.__name__}: {time.perf_counter() - began:.1f} s"
    return None


def run(seed: int, count: int) -> list[tuple[str, str]]:
    """(text, what went wrong) for `count` texts; the same for the same seed."""
    rng = random.Random(seed)
    documents = seeds()
    broken = []
    for _ in range(count):
        text = change(rng.choice(documents), rng, documents)
        wrong = attempt(text)
        if wrong is not None:
            broken.append((text, wrong))
    return broken


if __name__ == "__main__":
    found = run(int(sys.argv[1]), int(sys.argv[2]))
    for text, wrong in found:
        print(repr(text))
        print(wrong)
    print(f"tried {sys.argv[2]}, broken {len(found)}")
    sys.exit(bool(found))
