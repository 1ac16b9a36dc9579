"""Registries of resource templates from files: YAML or JSON, one file or a folder of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from abml.errors import AbmlFileError, EnvironmentFault
from abml.files import read_file
from abml.resource_templates import ResourceTemplateSpec, TemplateRegistry

if TYPE_CHECKING:
    from abml.diagnostics import Reporter
    from abml.source import Source, Span
    from abml.syntax.cst_nodes import CstNode

SUFFIXES = (".yml", ".yaml", ".json")


class DataLimits(NamedTuple):
    """How large a registry or schema may be, in bytes and in values with aliases expanded."""

    max_document_bytes: int = 32 * 1024 * 1024
    max_nodes: int = 1_000_000


DATA_LIMITS = DataLimits()


def read_registry(path: str | os.PathLike[str]) -> TemplateRegistry:
    """The registry in a file, or in all files of a folder and the folders in it.

    Files are read in the order of their names; later entries replace earlier ones
    of the same type. Mappings without `templates` are other files and left out.

    Raises:
        EnvironmentFault: a file is no YAML or JSON, an entry has the wrong shape,
            or there is no registry at all.
        AbmlFileError: a file or folder that cannot be read.
    """
    name = os.fspath(path)
    is_folder = os.path.isdir(name)
    registry: TemplateRegistry | None = None
    for file in files_in(name) if is_folder else [name]:
        node = _read(file)
        if not _is_registry(node):
            continue
        assert node is not None
        found = _registry(node, file)
        try:
            registry = found if registry is None else registry.merged(found)
        except EnvironmentFault as fault:
            raise EnvironmentFault(f"{file}: {fault}") from None
    if registry is None:
        where = "in this folder" if is_folder else "in this file"
        raise EnvironmentFault(
            f"{name}: no 'templates:' {where}; 'abmlc templates gen' makes registries from marked schemas"
        )
    return registry


def files_in(folder: str) -> list[str]:
    """YAML and JSON files of a folder and the folders in it, sorted; hidden ones are left out.

    Raises:
        AbmlFileError: the folder cannot be listed.
    """
    try:
        # `os.walk` says nothing of a folder that cannot be listed.
        os.listdir(folder)
    except OSError as error:
        raise AbmlFileError(error.errno, error.strerror, folder) from error
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            os.path.join(place, name) for name in sorted(names) if name.endswith(SUFFIXES) and not name.startswith(".")
        ]
    return found


def read_data(source: Source, reporter: Reporter) -> CstNode | None:
    """The tree of a YAML or JSON file of data; what is wrong with it goes to the reporter.

    Returns:
        None when it cannot be read.
    """
    from abml.syntax import cst

    text = source.text
    if source.path is not None and source.path.endswith(".json") and "\t" in text:
        from abml.source import Source

        # JSON may be indented with tabs, YAML not; inside its texts a tab is always escaped.
        source = Source(text.replace("\t", " "), source.path)
    before = len(reporter.diagnostics)
    node = cst.read(source, reporter, DATA_LIMITS)
    for at in range(before, len(reporter.diagnostics)):
        diag = reporter.diagnostics[at]
        if diag.code == "ABML116":
            # The hint of documents speaks of flows and imports.
            reporter.diagnostics[at] = diag._replace(help="split it into several files")
    return node


def plain(node: CstNode) -> Any:
    """A tree as plain data; of repeated keys the last counts, keys are texts."""
    from abml.syntax.cst_nodes import CstMapping, CstSequence

    if isinstance(node, CstMapping):
        return {key.text: plain(value) for key, value in node.entries}
    if isinstance(node, CstSequence):
        return [plain(item) for item in node.items]
    return node.value


def _is_registry(node: CstNode | None) -> bool:
    from abml.syntax.cst_nodes import CstMapping

    return isinstance(node, CstMapping) and node.get("templates") is not None


def _read(file: str) -> CstNode | None:
    from abml.diagnostics import Reporter
    from abml.source import Source

    try:
        text = read_file(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise EnvironmentFault(f"{file}: not UTF-8") from None
    reporter = Reporter(Source(text, file))
    node = read_data(Source(text, file), reporter)
    error = next((diag for diag in reporter.diagnostics if diag.is_error), None)
    if error is not None:
        raise EnvironmentFault(f"{file}:{error.span.line}:{error.span.column}: {error.message}")
    return node


def _registry(node: CstNode, file: str) -> TemplateRegistry:
    """The registry of one file; its templates know where they stand."""
    try:
        registry = TemplateRegistry.from_data(plain(node))
    except EnvironmentFault as fault:
        span = _place(node, fault.at)
        raise EnvironmentFault(f"{file}:{span.line}:{span.column}: {fault}") from None
    found: dict[str, ResourceTemplateSpec] = {}
    for entry in _items(_value(node, "templates")):
        kind = _value(entry, "type")
        spec = None if kind is None else registry.get(plain(kind))
        if spec is not None:
            places = _keys(_value(entry, "shortcuts")) | _keys(_value(entry, "paths"))
            found[spec.type] = spec._replace(origin=kind.span if kind is not None else None, places=places)
    return TemplateRegistry(found)


def _place(node: CstNode, at: tuple[str | int, ...]) -> Span:
    """Where the entry stands that a fault is about, or the nearest one around it."""
    from abml.syntax.cst_nodes import CstMapping, CstSequence

    for step in at:
        below: CstNode | None = None
        if isinstance(node, CstMapping) and isinstance(step, str):
            below = node.get(step)
        elif isinstance(node, CstSequence) and isinstance(step, int) and step < len(node.items):
            below = node.items[step]
        if below is None:
            break
        node = below
    return node.span


def _value(node: CstNode | None, key: str) -> CstNode | None:
    from abml.syntax.cst_nodes import CstMapping

    return node.get(key) if isinstance(node, CstMapping) else None


def _items(node: CstNode | None) -> list[CstNode]:
    from abml.syntax.cst_nodes import CstSequence

    return node.items if isinstance(node, CstSequence) else []


def _keys(node: CstNode | None) -> dict[str, Span]:
    from abml.syntax.cst_nodes import CstMapping

    return {key.text: key.span for key, _ in node.entries} if isinstance(node, CstMapping) else {}
