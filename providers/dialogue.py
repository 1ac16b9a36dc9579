"""Companion files of dialogue references: where they lie, and how they are read (language 8.8)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from abml.vm.dialogue import DialogueError, DialogueFile, file_from_data

from .folders import FileRefused, Folder, PathRefused, Place, folders, yaml_data

_EXTENSIONS = (".yaml", ".yml", "")


class DialogueFiles:
    """The dialogue files of a host: a `DialogueSource` of the VM.

    A file is read when it is first asked for and kept until `reload`.

    Args:
        places: folders, of descending priority when they are `Folder`s; a path or
            mapping alone is the only one.
    """

    def __init__(self, places: Place | Folder | Iterable[Place | Folder]) -> None:
        self.folders = folders(places)
        self._files: dict[str, DialogueFile | None] = {}

    def load(self, reference: str, warn: Callable[[str], None]) -> DialogueFile | None:
        """The file of a reference; None when there is no usable one.

        Args:
            reference: path below one of the folders, with or without extension.
            warn: told of files that are malformed and references that are refused.
        """
        if reference in self._files:
            return self._files[reference]
        found = self._find(reference, warn)
        self._files[reference] = found
        return found

    def reload(self, reference: str | None = None) -> None:
        """Read a file again when it is next asked for; None: all of them."""
        if reference is None:
            self._files.clear()
        else:
            self._files.pop(reference, None)

    def _find(self, reference: str, warn: Callable[[str], None]) -> DialogueFile | None:
        if not reference.strip():
            return None
        for folder in self.folders:
            for extension in _EXTENSIONS:
                name = reference + extension
                try:
                    data = folder.read(name)
                    if data is not None:
                        return file_from_data(yaml_data(data, name))
                except PathRefused as error:
                    # No other folder would take it either.
                    warn(f"the dialogue reference '{reference}' is refused: {error}")
                    return None
                except (FileRefused, DialogueError, OSError) as error:
                    warn(f"the dialogue file '{name}' is not used: {error}")
        return None
