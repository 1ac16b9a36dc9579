"""Resolvers: where the text of an imported file comes from, and the rules of import paths.

Paths inside a project are normalised: `/` as separator, relative to the project
root, without `.` and `..`. Such a path is the identity of a document.
"""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping
from typing import Protocol

#: Tried in this order after the path itself (language 9.2).
EXTENSIONS = (".abml.yml", ".abml.yaml", ".abml", ".yml", ".yaml")

#: A folder that holds one of these is a project root.
ROOT_MARKERS = ("abml.toml", ".git")


class Resolver(Protocol):
    """Gives the text of a file of the project.

    `read` takes a normalised path and returns the text, or None when there is
    no such file. It may raise OSError or ValueError for a file that is there
    but cannot be read; the message is shown to the author.
    """

    def read(self, path: str) -> str | None: ...


class MappingResolver:
    """Files held in a mapping of normalised path to text; for tests and embedded data."""

    __slots__ = ("files",)

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files

    def read(self, path: str) -> str | None:
        return self.files.get(path)


class FileResolver:
    """Files below one folder of the file system, the project root.

    A path that leaves the root through a symbolic link names no file.
    """

    __slots__ = ("root",)

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)

    def read(self, path: str) -> str | None:
        full = os.path.join(self.root, *path.split("/"))
        if not os.path.isfile(full):
            return None
        real = os.path.realpath(full)
        if os.path.commonpath((self.root, real)) != self.root:
            return None
        with open(real, encoding="utf-8-sig", newline="") as file:
            return file.read()

    def spelling(self, path: str) -> str:
        """The path in the letter case the file system has for it; `path` itself where case matters."""
        if sys.platform not in ("win32", "darwin"):
            return path
        folder, steps = self.root, []
        for step in path.split("/"):
            names = os.listdir(folder)
            if step not in names:
                step = next((name for name in names if name.lower() == step.lower()), step)
            steps.append(step)
            folder = os.path.join(folder, step)
        return "/".join(steps)


def project_root(path: str) -> str:
    """The project root for an entry document in the file system (language 9.2).

    The nearest folder at or above the document that holds a marker; else the
    working directory if the document lies below it; else the document's folder.
    """
    own = os.path.dirname(os.path.realpath(path))
    folder = own
    while True:
        if any(os.path.exists(os.path.join(folder, marker)) for marker in ROOT_MARKERS):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    working = os.getcwd()
    return working if own == working or own.startswith(os.path.join(working, "")) else own


def entry_path(path: str | None, resolver: Resolver | None) -> str:
    """The normalised path of the entry document, `""` for text without a path."""
    if path is None:
        return ""
    if isinstance(resolver, FileResolver):
        full = os.path.realpath(path)
        if full.startswith(os.path.join(resolver.root, "")):
            return os.path.relpath(full, resolver.root).replace(os.sep, "/")
    return posixpath.normpath(path.replace("\\", "/")).lstrip("/")


def is_absolute(path: str) -> bool:
    """An absolute path of any system: `/x`, `\\\\host\\x`, `C:/x`."""
    return path.startswith(("/", "\\")) or (len(path) > 1 and path[1] == ":" and path[0].isalpha())


def normalise(folder: str, path: str) -> str | None:
    """An import path of a document in `folder` as a normalised path; None when it leaves the root."""
    if is_absolute(path):
        return None
    steps = [step for step in folder.split("/") if step]
    for step in path.replace("\\", "/").split("/"):
        if step == "..":
            if not steps:
                return None
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps) or None


def default_alias(path: str) -> str:
    """The file name without folders and without its ABML or YAML extension."""
    name = path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]
    for extension in EXTENSIONS:
        if name.endswith(extension):
            return name[: -len(extension)]
    return name
