"""Registry files of generated templates: equal templates give equal bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from abml.resource_templates import ResourceTemplateSpec

FORMATS = ("yaml", "json")
ENDINGS = {"yaml": ".yml", "json": ".json"}

_HEADER = "# Derived from {files} by 'abmlc templates gen'; change the schema, not this file.\n"
_JSON_NOTE = "x-derived-from"

# Plain scalars that YAML of any version reads as the text they are.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_./<>?-]*")
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def file_name(spec: ResourceTemplateSpec, form: str) -> str:
    """The name of the file of a template."""
    return spec.type + ENDINGS[form]


def render(specs: Sequence[ResourceTemplateSpec], form: str) -> str:
    """A registry with these templates, sorted by type; it ends with a line break.

    Args:
        form: one of `FORMATS`.
    """
    ordered = sorted(specs, key=lambda spec: spec.type)
    entries = [spec.to_data() for spec in ordered]
    sources = sorted({spec.source.partition("#")[0] for spec in ordered if spec.source is not None})
    if form == "json":
        data = {_JSON_NOTE: sources, "templates": entries} if sources else {"templates": entries}
        return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
    lines = [_HEADER.format(files=", ".join(sources))] if sources else []
    lines.append("templates:\n" if entries else "templates: []\n")
    for entry in entries:
        mark = "  - "
        for key, value in entry.items():
            lines += _lines(key, value, mark, 4)
            mark = "    "
    return "".join(lines)


def derived_from(text: str) -> set[str]:
    """The names of the schemas that a registry file was generated from; none for files written by hand."""
    first = text.partition("\n")[0]
    before, _, after = _HEADER.strip().partition("{files}")
    if first.startswith(before) and first.endswith(after):
        return set(first[len(before) : len(first) - len(after)].split(", "))
    if first != "{":
        return set()
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return set()
    names = data.get(_JSON_NOTE) if isinstance(data, dict) else None
    return {str(name) for name in names} if isinstance(names, list) else set()


def _lines(key: str, value: Any, mark: str, indent: int) -> list[str]:
    """The lines of one entry of a mapping."""
    if isinstance(value, dict):
        lines = [f"{mark}{scalar(key)}:{'' if value else ' {}'}\n"]
        for name, item in value.items():
            lines += _lines(name, item, " " * (indent + 2), indent + 2)
        return lines
    if isinstance(value, list):
        return [f"{mark}{scalar(key)}: [{', '.join(map(scalar, value))}]\n"]
    return [f"{mark}{scalar(key)}: {scalar(value)}\n"]


def scalar(value: Any) -> str:
    """A scalar as YAML; texts are quoted unless they are plain words."""
    if isinstance(value, str) and _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
