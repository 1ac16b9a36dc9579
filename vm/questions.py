"""Questions to the player: what `choice` and `qte` ask, and how an answer is read (language 8.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from abml.values import ValueFault, describe, equal

from .actions.call import Done, Pending

INPUT_KINDS = ("choice", "quick_time", "direction", "timing", "text", "confirmation")

Script = Iterable[Any] | Callable[["Question"], Any]
"""Answers of a test: one after the other, or a function of the question. None leaves a question unanswered."""


class Question:
    """One question that was put to the host.

    Attributes:
        id: number of the question within its instance.
        kind: `choice` or `qte`.
        params: what the host gets to show: `prompt`, `options`, `timeout`, and the further fields of a `qte`.
        pending: settled with the answer.
    """

    __slots__ = ("id", "kind", "params", "pending", "is_read")

    def __init__(self, number: int, kind: str, params: dict[str, Any]) -> None:
        self.id = number
        self.kind = kind
        self.params = params
        self.pending = Pending(number)
        self.is_read = False

    @property
    def prompt(self) -> str | None:
        """The text shown, if there is one."""
        found = self.params.get("prompt")
        return found if isinstance(found, str) else None

    @property
    def options(self) -> list[Any]:
        """The options with index, label, description, value, available, default; those of a `qte` as written."""
        found = self.params.get("options")
        return found if isinstance(found, list) else []

    def answer(self, value: Any) -> None:
        """Settle the question.

        Raises:
            ValueFault: `argument_error`: the answer does not fit; the question stays open.
        """
        read = self.read(value)
        self.is_read = True
        self.pending.settle(Done(read))

    def read(self, value: Any) -> dict[str, Any]:
        """What `_choice` becomes by an answer of the host.

        Args:
            value: choice: an option's value, index or label, or a map with one of
                them; qte: a map of `success` and perhaps `value`, or success alone.

        Raises:
            ValueFault: `argument_error`: it names no available option, or says nothing of success.
        """
        return self._choice(value) if self.kind == "choice" else self._timed(value)

    # ----------------------------------------------------------------- choice

    def _choice(self, value: Any) -> dict[str, Any]:
        option = self._option(value)
        if option is None:
            raise ValueFault("argument_error", f"the answer {_shown(value)} is no option of the choice")
        if not option["available"]:
            raise ValueFault("argument_error", f"the option '{option['label']}' is not available")
        return {"index": option["index"], "value": option["value"], "label": option["label"], "timed_out": False}

    def _option(self, value: Any) -> Any:
        options = self.options
        if isinstance(value, Mapping):
            for field in ("index", "value", "label"):
                if field in value:
                    return next((option for option in options if equal(option[field], value[field])), None)
        # An available option comes before one that merely has the same value.
        found = [option for option in options if equal(option["value"], value)]
        if not found and isinstance(value, int | float):
            found = [option for option in options if equal(option["index"], value)]
        if not found and isinstance(value, str):
            found = [option for option in options if option["label"] == value]
        return next((option for option in found if option["available"]), found[0] if found else None)

    # -------------------------------------------------------------------- qte

    def _timed(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Mapping):
            success = value.get("success")
            if not isinstance(success, bool):
                raise ValueFault("argument_error", "the answer of a qte says whether it was a success")
            given = value.get("value", success)
        elif isinstance(value, bool):
            success = given = value
        elif isinstance(value, str | int | float):
            success, given = True, value
        else:
            raise ValueFault("argument_error", f"the answer {_shown(value)} says nothing of success")
        index, label = self._place(given)
        if success and index is None and self.params.get("type") == "choice" and self.options:
            raise ValueFault("argument_error", f"the answer {_shown(given)} is no option of the qte")
        return {"index": index, "value": given, "label": label, "timed_out": False, "success": success}

    def _place(self, value: Any) -> tuple[int | None, Any]:
        """(index, label) of the option with a value; (None, None) when there is none."""
        for index, option in enumerate(self.options):
            if isinstance(option, Mapping):
                if equal(option.get("value", option.get("label")), value):
                    return index, option.get("label", value)
            elif equal(option, value):
                return index, option
        return None, None


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool | int | float | str):
        text = repr(value)
        return text if len(text) <= 60 else text[:57] + "..."
    return describe(value)


class ScriptedAnswers:
    """Answers that a test gives beforehand."""

    def __init__(self, script: Script) -> None:
        if callable(script):
            self._ask: Callable[[Question], Any] = script
        else:
            # A text is one answer and not its letters.
            is_one = isinstance(script, str | Mapping) or not isinstance(script, Iterable)
            rest = iter([script] if is_one else script)
            self._ask = lambda question: next(rest, None)

    def __call__(self, question: Question) -> Any:
        """The answer to a question; None when there is none."""
        return self._ask(question)
