"""Folders of companion files, on disk or in memory, and the plain data of the YAML in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

Place = str | os.PathLike[str] | Mapping[str, str]
"""A folder: its path, or a mapping of relative paths (`/` between their parts) to texts."""


class FileRefused(ValueError):
    """A file that is not used: it is too large, or not what it should be."""


class PathRefused(ValueError):
    """A path that leads out of its folder."""


class Folder(NamedTuple):
    """One place to look in.

    Attributes:
        priority: higher ones are looked at first.
    """

    place: Place
    priority: int = 0

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None when there is none.

        Args:
            path: relative, with `/` between its parts.

        Raises:
            PathRefused: the path leaves the folder.
            OSError: the file cannot be read.
        """
        parts = path.replace("\\", "/").split("/")
        if path.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in path:
            raise PathRefused(f"'{path}' leaves the folder of its files")
        name = "/".join(part for part in parts if part not in ("", "."))
        if isinstance(self.place, Mapping):
            text = self.place.get(name)
            return None if text is None else text.encode("utf-8", "surrogatepass")
        root = os.path.realpath(os.fspath(self.place))
        full = os.path.realpath(os.path.join(root, *name.split("/")))
        # A link may lead out of the folder though its name does not.
        if os.path.commonpath((root, full)) != root:
            raise PathRefused(f"'{path}' leaves the folder of its files")
        if not os.path.isfile(full):
            return None
        with open(full, "rb") as file:
            return file.read()

    def names(self) -> list[str]:
        """Names of the files directly in the folder, sorted."""
        if isinstance(self.place, Mapping):
            return sorted(name for name in self.place if "/" not in name)
        try:
            return sorted(entry.name for entry in os.scandir(self.place) if entry.is_file())
        except OSError:
            return []


def folders(given: Place | Folder | Iterable[Place | Folder]) -> list[Folder]:
    """Folders by descending priority; of equal priority in the order given."""
    if isinstance(given, Folder):
        return [given]
    if isinstance(given, str | os.PathLike | Mapping):
        return [Folder(given)]
    found = [item if isinstance(item, Folder) else Folder(item) for item in given]
    return sorted(found, key=lambda folder: -folder.priority)


def yaml_data(data: bytes, name: str) -> Any:
    """The plain data of a YAML file, read by the profile of documents (language 1.1).

    Raises:
        FileRefused: it is not UTF-8, no YAML, too large, or has a key twice.
    """
    from abml.diagnostics import Reporter
    from abml.syntax.cst import read
    from abml.syntax.decoding import decode

    reporter = Reporter()
    source = decode(data, name, reporter)
    node = None if source is None else read(source, reporter)
    if node is None or reporter.has_errors:
        errors = [diag for diag in reporter.sorted() if diag.severity == "error"]
        raise FileRefused(errors[0].message if errors else "the file cannot be read")
    return _plain(node)


def _plain(node: Any) -> Any:
    from abml.syntax.cst_nodes import CstMapping, CstSequence

    if isinstance(node, CstMapping):
        made: dict[str, Any] = {}
        for key, value in node.entries:
            if key.text in made:
                raise FileRefused(f"the key '{key.text}' stands there twice")
            made[key.text] = _plain(value)
        return made
    if isinstance(node, CstSequence):
        return [_plain(item) for item in node.items]
    return node.value
