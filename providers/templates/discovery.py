"""Schema files of a project: the files of a folder that have marked schemas."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from abml.diagnostics import Reporter
from abml.files import read_file
from abml.registries import files_in
from abml.resolver import FileResolver, project_root
from abml.syntax.decoding import decode

from .generation import SchemaInput
from .marks import MARKS

_SIGNS = tuple(mark.encode() for mark in MARKS)


class Found(NamedTuple):
    """The schemas behind some paths.

    Attributes:
        inputs: those that could be read as text.
        files: how many files were looked into.
        searched: whether a folder was searched, so that files without marks are no mistake.
    """

    inputs: list[SchemaInput]
    files: int
    searched: bool


def find_schemas(paths: Iterable[str | os.PathLike[str]], reporter: Reporter) -> Found:
    """The schemas in files and folders; of a folder those whose text has a mark.

    Args:
        reporter: gets ABML100 for files that are no UTF-8 text.

    Raises:
        AbmlFileError: a file or folder that cannot be read.
    """
    inputs: list[SchemaInput] = []
    resolvers: dict[str, FileResolver] = {}
    searched = False
    # Real path -> (path as given, whether a search found it): no file is read twice.
    names: dict[str, tuple[str, bool]] = {}
    for given in paths:
        name = os.fspath(given)
        if os.path.isdir(name):
            searched = True
            for file in files_in(name):
                names.setdefault(os.path.realpath(file), (file, True))
        else:
            names[os.path.realpath(name)] = (name, False)
    for name, is_searched in names.values():
        data = read_file(name)
        if is_searched and not has_mark(data):
            continue
        source = decode(data, name, reporter)
        if source is not None:
            root = project_root(name)
            inputs.append(SchemaInput(source, resolvers.setdefault(root, FileResolver(root))))
    return Found(inputs, len(names), searched)


def has_mark(data: bytes) -> bool:
    """Whether the text of a file holds the word of a mark; most files of a project need not be parsed then."""
    return any(sign in data for sign in _SIGNS)
