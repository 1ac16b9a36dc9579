"""The AST as text without spans: for tests, and for looking at what the parser made of a document.

Two documents that mean the same to the parser give the same text. Fields that
hold their default are left out, so a dump stays short and does not change when
a node gets another optional field.
"""

from __future__ import annotations

from typing import Any

from abml.source import Span
from abml.values import Duration, duration_text

from .nodes import Default, is_required

# Where things stand, and how they were spelled: no part of the meaning.
_LEFT_OUT = frozenset(("span", "name_span", "alias_span", "file_span", "raw", "bare", "sources", "path"))
# These keep the text as written beside what was read from it.
_WRITTEN = frozenset(("Target", "TypeRef", "GoapEntry"))


def dump(node: Any, *, indent: int = 0) -> str:
    """The node, its fields and everything below, one node or plain value a line.

    Lists show their items with `-`, mappings their keys; expressions of one
    node stand in one line.
    """
    lines: list[str] = []
    _write(node, lines, indent, "")
    return "\n".join(lines) + "\n"


def _write(node: Any, lines: list[str], indent: int, label: str) -> None:
    pad = "  " * indent + label
    if isinstance(node, (list, tuple)) and not isinstance(node, Span):
        if not node:
            lines.append(f"{pad}[]")
            return
        if label:
            lines.append(pad.rstrip())
            indent += 1
        for item in node:
            _write(item, lines, indent, "- ")
    elif isinstance(node, dict):
        if not node:
            lines.append(f"{pad}{{}}")
            return
        if label:
            lines.append(pad.rstrip())
            indent += 1
        for key, value in node.items():
            _write(value, lines, indent, f"{key}: ")
    elif hasattr(node, "node_fields"):
        values = _values(node)
        if all(_is_plain(value) for _, value in values):
            inner = ", ".join(f"{name}={_plain(value)}" for name, value in values)
            lines.append(f"{pad}{type(node).__name__}({inner})")
            return
        lines.append(f"{pad}{type(node).__name__}")
        for name, value in values:
            _write(value, lines, indent + 1, f"{name}: ")
    else:
        lines.append(f"{pad}{_plain(node)}")


def _values(node: Any) -> list[tuple[str, Any]]:
    """Names and values of the fields that say something."""
    found: list[tuple[str, Any]] = []
    for name, default in node.node_fields().items():
        if name in _LEFT_OUT or (name == "text" and type(node).__name__ in _WRITTEN):
            continue
        value = getattr(node, name)
        if isinstance(default, Default):
            default = default.make()
        if not is_required(default) and type(value) is type(default) and value == default:
            continue
        found.append((name, value))
    return found


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, frozenset, Duration))


def _plain(value: Any) -> str:
    if isinstance(value, Duration):
        return duration_text(value)
    if isinstance(value, frozenset):
        return repr(sorted(value))
    return repr(value)
