"""Options that several verbs have."""

from __future__ import annotations

from typing import Any

import click

from abml.cli.checking import FORMATS

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

templates = click.option("--templates", metavar="DIR", help="Resource templates to check paths against.")
form = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", help="How findings are printed.  [default: text]"
)
scope = click.option("--scope", metavar="JSON|@FILE", help="Values of variables: a JSON object, or a file with one.")
