"""YAML errors in the words of a behavior author: ABML100 from what PyYAML says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from abml.diagnostics import Note, Reporter
from abml.source import Source

# (part of the scanner's or parser's message, our reason, our hint). The first
# that fits is taken. `context` in a reason stands for what was being read.
_REASONS: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "a ': ' where no key can stand",
        "put a text that contains ': ' in quotes, and check the indentation of this line",
    ),
    (
        "block sequence entries are not allowed",
        "a list item ('- ') where no list can begin",
        "begin the list on a line of its own below its key",
    ),
    (
        "found a tab character",
        "a tab in the indentation",
        "YAML takes only spaces for indentation; replace the tab by spaces",
    ),
    (
        "could not find expected ':'",
        "a line without ':' where 'key: value' is expected",
        "add the ':', or put a text that runs over several lines in quotes",
    ),
    (
        "did not find expected ',' or ']'",
        "a ',' or the closing ']' of the list is missing",
        "close the list with ']', and put texts with brackets or braces in quotes",
    ),
    (
        "expected ',' or ']'",
        "a ',' or the closing ']' of the list is missing",
        "close the list with ']', and put texts with brackets or braces in quotes",
    ),
    (
        "did not find expected ',' or '}'",
        "a ',' or the closing '}' of the mapping is missing",
        "close the mapping with '}', and put texts with commas, brackets or braces in quotes",
    ),
    (
        "expected ',' or '}'",
        "a ',' or the closing '}' of the mapping is missing",
        "close the mapping with '}', and put texts with commas, brackets or braces in quotes",
    ),
    (
        "expected key",
        "this line does not fit to the lines above it: a 'key:' is expected",
        "indent it exactly as its neighbours, and close all quotes above it",
    ),
    (
        "expected <block end>",
        "this line does not fit to the lines above it",
        "indent it exactly as its neighbours, and close all quotes above it",
    ),
    (
        "expected '-' indicator",
        "this line does not fit to the list above it: a '- ' item is expected",
        "indent it exactly as the other items, or more if it belongs to the last one",
    ),
    (
        "expected node content",
        "a value is expected here",
        "close all brackets and braces, and put a text that begins with a special character in quotes",
    ),
    ("unexpected end of stream", "a quoted text is never closed", "add the closing quote"),
    (
        "found unexpected document",
        "a quoted text is not closed before the line '---' or '...'",
        "add the closing quote",
    ),
    (
        "unknown escape character",
        "a '\\' in double quotes is followed by a letter that means nothing",
        "write '\\\\' for a backslash, or use single quotes",
    ),
    ("hexdecimal number", "a '\\x', '\\u' or '\\U' is not followed by its hexadecimal digits", None),
    ("hexadecimal", "a '\\x', '\\u' or '\\U' is not followed by its hexadecimal digits", None),
    ("invalid Unicode character escape", "a '\\u' or '\\U' gives a number that is no character", None),
    (
        "alphabetic or numeric character",
        "'&' and '*' begin an anchor or alias, and no name follows",
        "put the text in quotes",
    ),
    ("<document start>", "the document ended above, and something follows it", "a file holds one document"),
    ("comment or line break", "only a comment may follow '|' or '>' in its line", "begin the text in the next line"),
    ("indentation indicator", "the number after '|' or '>' must be 1 to 9", "leave it out"),
    ("incompatible YAML document", "this version of YAML is not known", "remove the line '%YAML'"),
    ("duplicate %YAML", "the line '%YAML' stands twice", "remove it"),
    ("undefined tag handle", "a '!' begins a tag that is not known", "put a text that begins with '!' in quotes"),
    ("tag", "a '!' begins a tag, and it is malformed", "put a text that begins with '!' in quotes"),
    (
        "directive",
        "a line that begins with '%' is a YAML directive, and this one is malformed",
        "put the text in quotes",
    ),
    ("block mapping", "this line does not fit to the lines above it", "indent it exactly as its neighbours"),
)

_STARTERS = {
    "@": "a text that begins with '@' needs quotes",
    "`": "a text that begins with '`' needs quotes",
    "%": "a text that begins with '%' needs quotes",
    "\t": "a tab where a value or an indentation begins",
}


def report_yaml_error(
    fault: yaml.YAMLError, source: Source, reporter: Reporter, text: str, original: Callable[[int], int]
) -> None:
    """Report what PyYAML rejects as ABML100, at the place in the source.

    Args:
        text: what the scanner was given (repaired).
        original: offset in `text` to offset in the source.
    """
    if isinstance(fault, yaml.reader.ReaderError):
        _report_character(fault, source, reporter, text, original)
        return
    problem: str = getattr(fault, "problem", None) or str(fault)
    context: str = getattr(fault, "context", None) or ""
    mark = getattr(fault, "problem_mark", None) or getattr(fault, "context_mark", None)
    context_mark = getattr(fault, "context_mark", None)
    at = _offset(mark, source, original)
    end = min(at + 1, len(source.text))
    notes: tuple[Note, ...] = ()
    if "could not find expected ':'" in problem and context_mark is not None:
        # The scanner notices it lines later; the line without ':' is the context.
        at = _offset(context_mark, source, original)
        line, column = source.position(at)
        end = at + len(source.line(line)[column - 1 :].rstrip())
    elif context_mark is not None and ("flow" in context or "quoted" in context):
        begin = _offset(context_mark, source, original)
        if begin != at:
            notes = (Note("it begins here", source.span(begin, min(begin + 1, len(source.text)))),)
    reason, hint = _translate(problem, source.text[at : at + 1])
    if "\t" in _indentation(source, at):
        hint = "this line is indented with a tab; YAML takes only spaces for indentation"
    reporter.report(100, source.span(at, max(at, end)), reason=reason, hint=hint, notes=notes)


def _translate(problem: str, char: str) -> tuple[str, str | None]:
    if "cannot start any token" in problem:
        advice = "YAML takes only spaces for indentation" if char == "\t" else "put the text in quotes"
        return _STARTERS.get(char, f"nothing can begin with '{char}'"), advice
    for part, reason, hint in _REASONS:
        if part in problem:
            return reason, hint
    return problem, None


def _indentation(source: Source, at: int) -> str:
    """The blanks at the beginning of the line that holds the offset."""
    line = source.line(source.position(at)[0])
    return line[: len(line) - len(line.lstrip())]


def _offset(mark: Any, source: Source, original: Callable[[int], int]) -> int:
    """The source offset of a scanner's mark; an end of text moves back to the last thing written."""
    at = original(mark.index) if mark is not None else 0
    if at >= len(source.text):
        at = max(0, len(source.text.rstrip()))
    return at


def _report_character(
    fault: yaml.reader.ReaderError, source: Source, reporter: Reporter, text: str, original: Callable[[int], int]
) -> None:
    """A character that YAML does not allow anywhere."""
    at = fault.position
    if fault.encoding != "unicode":
        # libyaml counts the bytes it was given.
        at = len(text.encode("utf-8", "surrogatepass")[:at].decode("utf-8", "ignore"))
    at = min(original(at), len(source.text))
    char = source.text[at : at + 1]
    name = "a zero byte" if char == "\0" else f"the control character U+{ord(char):04X}" if char else "a character"
    reporter.report(
        100,
        source.span(at, min(at + 1, len(source.text))),
        reason=f"{name} cannot stand in a document",
        hint="remove it; inside double quotes it can be written as an escape such as '\\x07'",
    )
