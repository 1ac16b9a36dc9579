"""Writes `docs/namespaces.md` from the table of known namespaces: `python -m abml.providers.generate [--check]`."""

from __future__ import annotations

import math
import sys
from pathlib import Path

from abml.files import bring_up_to_date

from .namespaces import KNOWN, Namespace

TARGET = Path(__file__).resolve().parent.parent / "docs" / "namespaces.md"

_HEADER = """\
<!-- Derived from providers/namespaces.py by providers/generate.py (make gen). -->
# Known namespaces

What `${name.path}` may find, where a host offers the name. No host has to offer any of them, and each may offer others.
A path that is not there is null. `*` stands for any step of a path. How to offer one: [providers](providers.md).

"""


def render() -> str:
    """The text of the page."""
    return _HEADER + "\n".join(map(_section, KNOWN.values()))


def _section(entry: Namespace) -> str:
    keys = " and ".join(sorted(entry.scope_keys))
    if entry.is_pushed:
        age = "pushed by the host, never old"
    elif math.isinf(entry.ttl_s):
        age = "as old as the host lets it be"
    else:
        age = f"up to {entry.ttl_s:g} s old"
    planned = " Planned: no host is expected to have it yet." if entry.is_planned else ""
    lines = [f"## {entry.name}\n", f"{entry.about} One per {keys}; {age}.{planned}\n"]
    if entry.paths:
        lines += ["| path | type |", "| --- | --- |"]
        lines += [f"| `{path}` | {kind} |" for path, kind in entry.paths.items()]
        lines.append("")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Write the page; with `--check` only compare, and return 1 when it is stale."""
    return bring_up_to_date({TARGET: render()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
