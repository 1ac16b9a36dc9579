"""Registries of resource templates from files: YAML or JSON, one file or a folder of them."""

from __future__ import annotations

import os
from typing import Any

from abml.environment import EnvironmentFault, TemplateRegistry
from abml.errors import AbmlFileError
from abml.files import read_file

SUFFIXES = (".yml", ".yaml", ".json")


def read_registry(path: str | os.PathLike[str]) -> TemplateRegistry:
    """The registry in a file, or in all files of a folder and the folders in it.

    Files are read in the order of their names; later entries replace earlier ones
    of the same type. Mappings without `templates` are other files and left out.

    Raises:
        EnvironmentFault: a file is no YAML or JSON, or an entry has the wrong shape.
        AbmlFileError: a file or folder that cannot be read.
    """
    name = os.fspath(path)
    registry = TemplateRegistry()
    for file in _files(name) if os.path.isdir(name) else [name]:
        data = _read(file)
        if isinstance(data, dict) and "templates" in data:
            try:
                registry = registry.merged(TemplateRegistry.from_data(data))
            except EnvironmentFault as fault:
                raise EnvironmentFault(f"{file}: {fault}") from None
    return registry


def _files(folder: str) -> list[str]:
    try:
        # `os.walk` says nothing of a folder that cannot be listed.
        os.listdir(folder)
    except OSError as error:
        raise AbmlFileError(error.errno, error.strerror, folder) from error
    found = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        found += [os.path.join(place, name) for name in sorted(names) if name.endswith(SUFFIXES)]
    return found


def _read(file: str) -> Any:
    import yaml

    data = read_file(file)
    try:
        return yaml.safe_load(data.decode("utf-8-sig"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else file
        raise EnvironmentFault(f"{where}: not valid YAML: {getattr(error, 'problem', None) or error}") from None
    except UnicodeDecodeError:
        raise EnvironmentFault(f"{file}: not UTF-8") from None
    except (RecursionError, ValueError) as error:
        raise EnvironmentFault(f"{file}: {str(error)[:120]}") from None
