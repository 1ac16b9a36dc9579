"""Texts by key and locale out of `strings.<locale>.yaml` files (runtime 10.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from abml.vm.dialogue import Locale, locale_of

from .folders import FileRefused, Folder, Place, yaml_data

_EXTENSIONS = (".yaml", ".yml")


class Localized(NamedTuple):
    """A text that was found.

    Attributes:
        locale: as the name of its file spells it.
        is_fallback: it is not of the requested locale.
        source: name of the source that has it.
    """

    text: str
    locale: str
    is_fallback: bool
    source: str


class StringSource(NamedTuple):
    """One folder of string files; of two that have a key in one locale the higher priority counts."""

    name: str
    place: Place
    priority: int = 0


class LocalizedStrings:
    """The string files of a host. Files are read when their locale is first asked for.

    Args:
        sources: folders with a name and a priority.
        warn: told of files that are malformed.
    """

    def __init__(self, sources: Iterable[StringSource], warn: Callable[[str], None] | None = None) -> None:
        self._warn = warn
        self.sources = sorted(sources, key=lambda source: -source.priority)
        # (source, lower-case locale) -> (locale as spelled, lower-case key -> text).
        self._texts: dict[tuple[str, str], tuple[str, dict[str, str]]] = {}

    def get(self, key: str, locale: str | Mapping[str, Any] | Locale) -> Localized | None:
        """The text of a key: every source in the requested locale, then in each fallback, then in the default.

        Args:
            key: nested keys with dots between them; letter case does not count.
        """
        wanted = locale_of(locale)
        tried = dict.fromkeys(name.lower() for name in (wanted.name, *wanted.fallbacks, wanted.default))
        for number, name in enumerate(tried):
            for source in self.sources:
                spelled, texts = self._load(source, name)
                text = texts.get(key.lower())
                if text is not None:
                    return Localized(text, spelled, number > 0, source.name)
        return None

    def reload(self) -> None:
        """Read everything again when it is next asked for."""
        self._texts.clear()

    def _load(self, source: StringSource, locale: str) -> tuple[str, dict[str, str]]:
        found = self._texts.get((source.name, locale))
        if found is None:
            found = self._texts[source.name, locale] = self._read(source, locale)
        return found

    def _read(self, source: StringSource, locale: str) -> tuple[str, dict[str, str]]:
        folder = Folder(source.place)
        wanted = [f"strings.{locale}{extension}" for extension in _EXTENSIONS]
        for name in folder.names():
            if name.lower() not in wanted:
                continue
            spelled = name[len("strings.") : name.rindex(".")]
            try:
                data = folder.read(name)
                texts: dict[str, str] = {}
                if data is not None:
                    _flatten(yaml_data(data, name), "", texts)
                return spelled, texts
            except (FileRefused, OSError) as error:
                if self._warn is not None:
                    self._warn(f"the file '{name}' of '{source.name}' is not used: {error}")
        return locale, {}


def _flatten(data: Any, prefix: str, texts: dict[str, str]) -> None:
    if not isinstance(data, dict):
        raise FileRefused("a file of texts is a mapping")
    for key, value in data.items():
        name = f"{prefix}{key}".lower()
        if isinstance(value, dict):
            _flatten(value, f"{name}.", texts)
        elif isinstance(value, str):
            texts[name] = value
        elif isinstance(value, int | float) and not isinstance(value, bool):
            texts[name] = str(value)
