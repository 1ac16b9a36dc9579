"""Dialogue: which text a speaking action says, out of inline text, companion file and locale (language 8.8).

Files come from a `DialogueSource` (see `abml.vm.protocols`) as data that is
parsed and checked already; conditions are evaluated and texts rendered by
whoever asks, for they mean names of the speaking action's scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple


class DialogueError(ValueError):
    """The data of a dialogue file has a shape that means nothing; the message says where."""


class Override(NamedTuple):
    """One special line.

    Attributes:
        condition: expression text.
        text: given without a locale; None when there are only `localizations`.
        localizations: locale -> text.
        locale: the only locale it is meant for; None for all.
    """

    condition: str
    text: str | None
    localizations: Mapping[str, str]
    priority: int
    locale: str | None
    metadata: Mapping[str, Any]


class DialogueFile(NamedTuple):
    """A companion file; `overrides` stand in the order in which they are tried."""

    localizations: Mapping[str, str]
    overrides: tuple[Override, ...]
    metadata: Mapping[str, Any]


class Locale(NamedTuple):
    """What language is asked for.

    Attributes:
        name: the requested locale, such as `es-MX`.
        fallbacks: tried after it, in order.
        default: tried last, for the file's own texts only.
    """

    name: str
    fallbacks: tuple[str, ...]
    default: str

    @property
    def language(self) -> str:
        """The first part of the requested locale."""
        return self.name.replace("_", "-").partition("-")[0]


class Resolution(NamedTuple):
    """The text that was chosen, not rendered yet.

    Attributes:
        text: None when only the inline text is left.
        source: `override`, `localization` or `inline`.
        locale: whose text it is; None where the text has no locale.
        metadata: the file's, overlaid by the override's.
        condition: of the override that was taken.
    """

    text: str | None
    source: str
    locale: str | None
    metadata: dict[str, Any]
    condition: str | None = None


def locale_of(given: str | Mapping[str, Any] | Locale | None, default: str = "en") -> Locale:
    """A locale with its fallbacks: those given, else the shorter forms of its name (`zh-Hant-TW`: `zh-Hant`, `zh`).

    Args:
        given: a name, or a mapping of `locale`, `fallbacks` and `default`.
    """
    if isinstance(given, Locale):
        return given
    if isinstance(given, Mapping):
        name = str(given.get("locale") or default)
        fallbacks = given.get("fallbacks")
        chosen = shorter(name) if fallbacks is None else tuple(str(item) for item in fallbacks)
        return Locale(name, chosen, str(given.get("default") or default))
    name = default if given is None else given
    return Locale(name, shorter(name), default)


def shorter(name: str) -> tuple[str, ...]:
    """A locale's name with parts taken off at its right end, one after the other."""
    parts = name.replace("_", "-").split("-")
    return tuple("-".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))


def resolve(file: DialogueFile | None, locale: Locale, holds: Callable[[str], bool]) -> Resolution:
    """Choose the text by the rules of language 8.8.

    Args:
        file: None when there is no reference or nothing usable behind it.
        holds: evaluates an override's condition; it must not raise.
    """
    if file is None:
        return Resolution(None, "inline", None, {})
    for override in file.overrides:
        if override.locale is not None and not _fits(override.locale, locale):
            continue
        found = _text_of(override, locale)
        if found is None or not override.condition.strip() or not holds(override.condition):
            continue
        text, name = found
        return Resolution(text, "override", name, {**file.metadata, **override.metadata}, override.condition)
    found = search(file.localizations, (locale.name, *locale.fallbacks, locale.default))
    if found is not None:
        return Resolution(found[0], "localization", found[1], dict(file.metadata))
    return Resolution(None, "inline", None, dict(file.metadata))


def _fits(restriction: str, locale: Locale) -> bool:
    wanted = restriction.lower()
    return wanted in (locale.name.lower(), locale.language.lower())


def _text_of(override: Override, locale: Locale) -> tuple[str, str | None] | None:
    found = search(override.localizations, (locale.name, *locale.fallbacks))
    if found is not None:
        return found
    return None if override.text is None else (override.text, override.locale)


def search(texts: Mapping[str, Any], names: Iterable[str]) -> tuple[Any, str] | None:
    """(text, its locale) of the first name that has one; letter case counts only between two that differ in it."""
    lowered: dict[str, str] | None = None
    for name in names:
        if name in texts:
            return texts[name], name
        if lowered is None:
            lowered = {key.lower(): key for key in texts}
        key = lowered.get(name.lower())
        if key is not None:
            return texts[key], key
    return None


def file_from_data(data: Any) -> DialogueFile:
    """A dialogue file from the data of its YAML text; further keys are ignored.

    Raises:
        DialogueError: a section has the wrong shape, or an override lacks its
            condition or its text.
    """
    if not isinstance(data, Mapping):
        raise DialogueError("a dialogue file is a mapping")
    given = data.get("overrides")
    if given is None:
        given = []
    if not isinstance(given, list):
        raise DialogueError("overrides: expected a list")
    overrides = [_override(item, f"overrides[{number}]") for number, item in enumerate(given)]
    # Stable: on equal priority the order of the file decides.
    overrides.sort(key=lambda override: -override.priority)
    return DialogueFile(
        _texts(data.get("localizations"), "localizations"),
        tuple(overrides),
        _map(data.get("metadata"), "metadata"),
    )


def _override(item: Any, where: str) -> Override:
    if not isinstance(item, Mapping):
        raise DialogueError(f"{where}: expected a mapping")
    condition = item.get("condition")
    if isinstance(condition, bool):
        condition = "true" if condition else "false"
    if not isinstance(condition, str):
        raise DialogueError(f"{where}: no condition")
    text = item.get("text")
    localizations = _texts(item.get("localizations"), f"{where}.localizations")
    if text is None and not localizations:
        raise DialogueError(f"{where}: neither text nor localizations")
    priority = item.get("priority", 0)
    if priority is None:
        priority = 0
    if type(priority) is not int:
        raise DialogueError(f"{where}.priority: expected a whole number")
    locale = item.get("locale")
    if locale is not None and not isinstance(locale, str):
        raise DialogueError(f"{where}.locale: expected the name of a locale")
    return Override(
        condition,
        None if text is None else _text(text, f"{where}.text"),
        localizations,
        priority,
        locale,
        _map(item.get("metadata"), f"{where}.metadata"),
    )


def _text(value: Any, where: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise DialogueError(f"{where}: expected a text")
    return value if isinstance(value, str) else str(value)


def _texts(value: Any, where: str) -> dict[str, str]:
    return {key: _text(item, f"{where}.{key}") for key, item in _map(value, where).items() if item is not None}


def _map(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise DialogueError(f"{where}: expected a mapping")
    return dict(value)
