"""Builds `_catalogue.py` from the pages: `python -m abml.diagnostics.generate [--check]`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from abml.files import bring_up_to_date

from .pages import Page, names, read_page

TARGET = Path(__file__).parent / "_catalogue.py"

_HEADER = '''\
# Derived from abml/diagnostics/ABML*.md by abml/diagnostics/generate.py (make gen).
"""The catalogue of diagnostics: code -> (severity, error in strict mode, message template, help template)."""

# fmt: off

from __future__ import annotations

CATALOGUE: dict[int, tuple[str, bool, str, str | None]] = {
'''


def render() -> str:
    """The text of the generated module."""
    pages = [read_page(name) for name in names().values()]
    return _HEADER + "".join(_entry(page) for page in pages if page.kind is None) + "}\n"


def _entry(page: Page) -> str:
    message = json.dumps(page.message, ensure_ascii=False)
    help_text = "None" if page.help is None else json.dumps(page.help, ensure_ascii=False)
    items = (f'"{page.severity}", {page.strict}', message, help_text)
    return f"    {page.code}: (\n" + "".join(f"        {item},\n" for item in items) + "    ),\n"


def main(arguments: list[str]) -> int:
    """Write the module; with `--check` only compare, and return 1 when it is stale."""
    return bring_up_to_date({TARGET: render()}, arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
