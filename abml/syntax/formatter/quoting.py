"""Writing scalars: which quotes a text needs, and block scalars line by line."""

from __future__ import annotations

import re

from abml.syntax.cst import plain_value

from .tree import Alias, Scalar

# Texts that YAML reads as they are, in block and in flow collections.
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*")
# Shapes the source repairs quote before YAML reads them (language 1.1).
_REPAIRED = ("@", "{{", "{%", "${")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
# Characters YAML does not print, and those that one of its versions takes for line breaks.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


def double(text: str) -> str:
    """A text in double quotes, in one line."""
    pieces = ['"']
    for char in text:
        if char in _ESCAPES:
            pieces.append(_ESCAPES[char])
        elif _HIDDEN.match(char):
            code = ord(char)
            pieces.append(f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}")
        else:
            pieces.append(char)
    pieces.append('"')
    return "".join(pieces)


def quote(text: str) -> str:
    """A text in double quotes; in single ones where those need fewer escapes."""
    escapes = text.count('"') + text.count("\\")
    if escapes > text.count("'") and "\n" not in text and "\t" not in text and not _HIDDEN.search(text):
        return "'" + text.replace("'", "''") + "'"
    return double(text)


def is_plain(text: str) -> bool:
    """Whether a text can stand without quotes wherever a value can."""
    return _PLAIN.fullmatch(text) is not None and isinstance(plain_value(text), str)


def one_line(node: Scalar | Alias, *, flow: bool = False, key: bool = False) -> str | None:
    """A scalar in one line, properties included; None for one that only fits on several.

    Args:
        flow: it stands inside a flow collection.
        key: it is the key of a mapping.
    """
    if isinstance(node, Alias):
        return f"*{node.name}"
    text = _bare(node, flow, key)
    if text is None or not node.props or node.props == "*":
        return text
    return f"{node.props} {text}" if text else node.props


def _bare(node: Scalar, flow: bool, key: bool) -> str | None:
    raw = node.raw
    if raw is None:
        return _made(node)
    if node.props == "*":
        return raw
    if node.style in ("literal", "folded"):
        return None
    if node.style == "plain":
        if not isinstance(node.value, str):
            return raw
        if raw.startswith(_REPAIRED) and not key:
            return quote(node.text)
        if "\n" not in raw:
            return quote(node.text) if flow and not is_plain(raw) and _breaks_flow(raw) else raw
    if "\n" not in raw:
        return raw
    if "\n" in node.text:
        return None
    return quote(node.text) if node.style != "plain" or _breaks_flow(node.text) else node.text


def _breaks_flow(text: str) -> bool:
    """Characters that end a plain scalar inside a flow collection, or start something else there."""
    return any(char in text for char in ",[]{}") or text.endswith(":") or text[:1] in "?-:"


def _made(node: Scalar) -> str:
    """A scalar that a rule made."""
    if node.style == "plain" and (not isinstance(node.value, str) or is_plain(node.text)):
        return node.text
    return quote(node.text)


def several_lines(node: Scalar) -> tuple[str, list[str]]:
    """A scalar that keeps its lines: what stands behind the key, and the lines below without indentation."""
    raw = node.raw or ""
    if node.style in ("literal", "folded"):
        found = _block(node, raw)
        if found is None:
            return double(node.text), []
    else:
        lines = raw.split("\n")
        found = lines[0].rstrip(" \t"), [line.strip(" \t") for line in lines[1:]]
    head, lines = found
    return (f"{node.props} {head}" if node.props else head), lines


def _block(node: Scalar, raw: str) -> tuple[str, list[str]] | None:
    """Header and lines of a block scalar; None when it is better written in quotes."""
    text = node.text
    body = text.rstrip("\n")
    if not body.strip() or _HIDDEN.search(text):
        return None
    breaks = len(text) - len(body)
    chomp = "-" if not breaks else "" if breaks == 1 else "+"
    if node.style == "literal":
        lines = body.split("\n") + [""] * max(breaks - 1, 0)
        mark = "|"
    else:
        if breaks > 1:
            return None
        found = _folded(raw, text)
        if found is None:
            return None
        lines = found
        mark = ">"
    first = next(line for line in lines if line)
    return mark + ("2" if first[0] == " " else "") + chomp, lines


def _folded(raw: str, text: str) -> list[str] | None:
    """The written lines of a folded scalar without their indentation."""
    lines = raw.split("\n")[1:]
    first = next((line for line in lines if line.strip(" ")), None)
    if first is None:
        return None
    begin = text.lstrip("\n")
    inner = len(begin) - len(begin.lstrip(" "))
    indent = len(first) - len(first.lstrip(" ")) - inner
    return None if indent < 0 else [line[indent:].rstrip("\r") for line in lines]
