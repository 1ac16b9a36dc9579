"""Spoken texts of one instance: dialogue references resolved in the scope of the speaking action (language 8.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abml.values import to_text, truthy

from .core.machine import FaultError
from .dialogue import DialogueFile, Locale, Resolution, resolve

if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program

    from .instance import Instance
    from .protocols import DialogueSource


class Speech:
    """Finds and renders the texts of one instance.

    Attributes:
        source: where dialogue files come from; None: there are none.
        locale: the language asked for; it may be changed between two runs.
    """

    def __init__(self, instance: Instance, source: DialogueSource | None, locale: Locale) -> None:
        self.instance = instance
        self.source = source
        self.locale = locale

    def find(self, params: Mapping[str, Any], *, has_inline: bool) -> dict[str, Any]:
        """What a speaking action says: `{text, source, locale, metadata}`, and the `condition` of an override.

        Args:
            params: of the action, `dialogue_ref` among them; its names are visible to
                conditions and templates.
            has_inline: the action has a text of its own, which is rendered where it
                stands; then `text` is null when it has to be taken.
        """
        reference = params.get("dialogue_ref")
        if reference is None:
            return _record(None, Resolution(None, "inline", None, {}))
        name = reference if isinstance(reference, str) else to_text(reference)
        names = {key: value for key, value in params.items() if key not in ("dialogue_ref", "text")}
        found = resolve(self._load(name), self.locale, lambda condition: self._holds(condition, names))
        if found.text is not None:
            return _record(self._rendered(found.text, names), found)
        if not has_inline:
            self.instance.warn("dialogue", f"there is no text for the reference '{name}'")
            return _record(name, found)
        return _record(None, found)

    def _load(self, name: str) -> DialogueFile | None:
        if self.source is None:
            return None
        return self.source.load(name, lambda message: self.instance.warn("dialogue", message))

    def _holds(self, condition: str, names: Mapping[str, Any]) -> bool:
        """A condition that raises counts as false and is told about."""
        try:
            program = self._compiled(self.instance.conditions, condition)
            return truthy(self.instance.evaluate(program, self.instance.machine, names))
        except FaultError as error:
            self._failed(condition, error.fault.message)
        except Exception as error:
            self._failed(condition, str(error))
        return False

    def _failed(self, condition: str, message: str) -> None:
        self.instance.warn("dialogue", f"the condition '{condition}' of a dialogue override failed: {message}")

    def _rendered(self, text: str, names: Mapping[str, Any]) -> str:
        """A text of a file; a malformed one is said as it is written (language 5.1)."""
        if "{{" not in text and "{%" not in text and "${" not in text:
            return text
        try:
            program = self._compiled(self.instance.templates, text)
            value = self.instance.evaluate(program, self.instance.machine, names)
        except FaultError as error:
            message = error.fault.message
        except Exception as error:
            message = str(error)
        else:
            return value if isinstance(value, str) else to_text(value)
        self.instance.warn("template_error", f"a dialogue text is said as it is written: {message}")
        return text

    def _compiled(self, compile_text: Any, text: str) -> Program:
        if compile_text is None:
            raise ValueError("expressions of dialogue files need the compiler")
        program: Program = compile_text(text)
        return program


def _record(text: str | None, found: Resolution) -> dict[str, Any]:
    record = {"text": text, "source": found.source, "locale": found.locale, "metadata": found.metadata}
    if found.condition is not None:
        record["condition"] = found.condition
    return record
