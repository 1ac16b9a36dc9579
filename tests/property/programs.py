"""Programs without places and spellings: what two documents that mean the same must have in common."""

from __future__ import annotations

import dataclasses
from typing import Any

from abml.builtins import find_builtin
from abml.compiler.check import check
from abml.compiler.pipeline import compile_model
from abml.diagnostics import Reporter
from abml.environment import Environment
from abml.loader import load
from abml.resolver import Resolver
from abml.source import NOWHERE, Source
from abml.syntax import ast
from abml.syntax.nodes import Node
from abml.syntax.parser import parse_document


def unspelled(node: Any) -> None:
    """Forget the texts that the syntax tree keeps beside what was read from them."""
    if isinstance(node, list | tuple):
        for item in node:
            unspelled(item)
    elif isinstance(node, dict):
        for item in node.values():
            unspelled(item)
    elif isinstance(node, Node):
        if isinstance(node, ast.Interpolation):
            node.sources = []
        elif isinstance(node, ast.Assignment) and node.op != "=" and not node.target.steps:
            # The right side comes first in `b += x`, which nobody can tell from `b = b + x`.
            node.value = ast.Binary(NOWHERE, node.op[0], ast.Name(NOWHERE, node.target.name), node.value)
            node.op = "="
        elif isinstance(node, ast.Increment):
            node.by = node.by or ast.Literal(NOWHERE, 1)
        elif isinstance(node, ast.GoapEntry | ast.TypeRef | ast.Target):
            node.text = ""
        elif isinstance(node, ast.Call | ast.MethodCall):
            spec = find_builtin(node.name)
            node.name = node.name if spec is None else spec.name
        elif isinstance(node, ast.Binary) and node.op == "contains":
            if any(isinstance(side, ast.Literal | ast.Name) for side in (node.left, node.right)):
                # Of two operands one of which cannot fail either may come first (E12).
                node.op, node.left, node.right = "in", node.right, node.left
        for name in node.node_fields():
            unspelled(getattr(node, name))


def _parse(source: Source, reporter: Reporter, **options: Any) -> ast.Document | None:
    document = parse_document(source, reporter, **options)
    unspelled(document)
    return document


def program_of(text: str, path: str | None = None, resolver: Resolver | None = None, level: int = 1) -> bytes | None:
    """The bytes of the program of a document, without its line table; None for one that does not compile."""
    reporter = Reporter(Source(text, path))
    environment = Environment(is_lenient=True)
    loaded = load(Source(text, path), reporter, path=path, resolver=resolver, parse=_parse)
    model = None if loaded is None else check(loaded, environment, reporter)
    if model is None or reporter.has_errors:
        return None
    program = compile_model(model, level=level)
    return dataclasses.replace(program, lines=()).to_bytes()
