"""What the public functions take, in its own types: texts, sources, environments, limits."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from abml.diagnostics import Reporter
    from abml.environment import Environment, Limits
    from abml.source import Source

Text = str | bytes | os.PathLike[str]
Functions = Mapping[str, Callable[..., Any]]

# A text of one line that ends so is the path of a document.
_SUFFIXES = (".yml", ".yaml", ".abml", ".abmc")


def text_of(value: object, what: str) -> str:
    """The value when it is a text."""
    if isinstance(value, str):
        return value
    from abml.errors import AbmlUsageError

    raise AbmlUsageError(f"{what} is a text, not {type(value).__name__}")


def open_source(source: Text, path: str | None, reporter: Reporter) -> Source | None:
    """The text of a source, given as text, bytes or path; None when it is no text."""
    from abml.errors import AbmlUsageError
    from abml.source import Source

    if isinstance(source, os.PathLike) or (isinstance(source, str) and _is_path(source)):
        name = os.fspath(source)
        from abml.files import read_file

        return _decode(read_file(name), path or name, reporter)
    if isinstance(source, bytes | bytearray):
        return _decode(bytes(source), path, reporter)
    if not isinstance(source, str):
        raise AbmlUsageError(f"source is text, bytes or a path, not {type(source).__name__}")
    opened = Source(source.removeprefix("\ufeff"), path)
    reporter.source = opened
    return opened


def _decode(data: bytes, path: str | None, reporter: Reporter) -> Source | None:
    from abml.syntax.decoding import decode

    return decode(data, path, reporter)


def _is_path(text: str) -> bool:
    """One line that ends like a document's name, and is no mapping itself."""
    return "\n" not in text and ": " not in text and text.endswith(_SUFFIXES)


def environment_of(
    templates: Any = None,
    manifest: Any = None,
    functions: Functions | None = None,
    limits: Any = None,
    *,
    strict: bool = False,
    lenient: bool = False,
) -> Environment:
    """What a compilation may use, from the arguments of `check` and `compile`."""
    from abml.environment import Environment, Manifest, TemplateRegistry

    if manifest is not None and not isinstance(manifest, Manifest):
        manifest = Manifest.from_data(manifest)
    if isinstance(templates, str | os.PathLike):
        from abml.registries import read_registry

        templates = read_registry(templates)
    elif templates is not None and not isinstance(templates, TemplateRegistry):
        templates = TemplateRegistry.from_data(templates)
    return Environment(
        limits=limits_of(limits),
        manifest=manifest,
        functions=_declared(functions),
        templates=templates,
        is_strict=strict or (manifest is not None and manifest.is_strict),
        is_lenient=lenient,
    )


def limits_of(limits: Any) -> Limits:
    from abml.environment import Limits

    if limits is None:
        return Limits()
    return limits if isinstance(limits, Limits) else Limits.from_data(limits)


def _declared(functions: Functions | None) -> dict[str, Any]:
    """Names and arities of host functions, as the checker wants them."""
    if not functions:
        return {}
    import inspect

    from abml.environment import FunctionDecl

    found = {}
    for name, function in functions.items():
        least, most = 0, None
        try:
            params = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError):
            # A built-in without a signature: any number of arguments.
            params = None
        if params is not None:
            positional = [p for p in params if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
            least = sum(p.default is p.empty for p in positional)
            most = None if any(p.kind == p.VAR_POSITIONAL for p in params) else len(positional)
        found[name.lower()] = FunctionDecl(name, least, most)
    return found
