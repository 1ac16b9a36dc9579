"""The exceptions of the library and the kinds of runtime errors.

Every exception that leaves the library derives from `AbmlError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from abml.diagnostics import Diagnostic
    from abml.source import Span


class Kind(NamedTuple):
    """A kind of runtime error.

    Attributes:
        name: the word authors see as `_error.kind`.
        code: 901 to 999; shown as `ABML901`.
        catchable: whether an `on_error` of the document is consulted.
    """

    name: str
    code: int
    catchable: bool

    @property
    def label(self) -> str:
        """The code as authors see it: `ABML901`."""
        return f"ABML{self.code}"


# Numbers are never reused. 917 is only ever logged, 918 to 929 end the run at once.
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("flow_not_found", 901, True),
        Kind("null_access", 902, True),
        Kind("type_error", 903, True),
        Kind("division_by_zero", 904, True),
        Kind("unknown_function", 905, True),
        Kind("argument_error", 906, True),
        Kind("not_iterable", 907, True),
        Kind("index_out_of_range", 908, True),
        Kind("readonly_target", 909, True),
        Kind("action_failed", 910, True),
        Kind("unknown_action", 911, True),
        Kind("forbidden_action", 912, True),
        Kind("wait_timeout", 913, True),
        Kind("await_timeout", 914, True),
        Kind("channel_not_found", 915, True),
        Kind("resource_error", 916, True),
        Kind("template_error", 917, False),
        Kind("no_channels", 918, False),
        Kind("deadlock", 920, False),
        Kind("limit_exceeded", 921, False),
        Kind("global_timeout", 922, False),
        Kind("cancelled", 923, False),
        Kind("requirement_not_met", 924, False),
        Kind("internal_error", 929, False),
    )
}


class AbmlError(Exception):
    """Base of every exception of this library."""


def _listed(diagnostics: Sequence[Diagnostic]) -> str:
    return "\n".join(str(d) for d in diagnostics) or "the input has errors"


class AbmlSyntaxError(AbmlError):
    """An expression, a template or a text that cannot be read.

    Attributes:
        diagnostics: what is wrong and where, in the order of the text.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics: list[Diagnostic] = list(diagnostics)

    def __str__(self) -> str:
        return _listed(self.diagnostics)


class CompileError(AbmlError):
    """A document with at least one error.

    Attributes:
        diagnostics: everything the check found, warnings included, in the order of the text.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.diagnostics: list[Diagnostic] = list(diagnostics)

    def __str__(self) -> str:
        return _listed(self.diagnostics)


class AbmlRuntimeError(AbmlError):
    """A failure while something runs.

    Attributes:
        kind: a key of `KINDS`.
        code: `ABML901` to `ABML999`.
        message: one sentence.
        span: where in the source; None when the failure has no place in it.
        details: what the host added (language 6.9), for instance `status_code`.
    """

    def __init__(
        self, kind: str, message: str, span: Span | None = None, details: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(kind, message, span)
        self.kind = kind
        self.code = KINDS[kind].label if kind in KINDS else KINDS["internal_error"].label
        self.message = message
        self.span = span
        self.details: dict[str, object] = dict(details or {})

    def __str__(self) -> str:
        place = ""
        if self.span is not None:
            place = f"{self.span.path or '<text>'}:{self.span.line}:{self.span.column}: "
        return f"{place}{self.kind}[{self.code}]: {self.message}"


class AbmlPlanningError(AbmlError, ValueError):
    """Something that planning was given cannot be read: a world, a goal, an action, a cost or an option.

    Attributes:
        code: `ABML601` a condition, `ABML602` an effect, `ABML603` a cost, `ABML607` a
            priority, `ABML906` anything else.
        message: one sentence that names the fact, the action or the goal.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"planning[{self.code}]: {self.message}"


class AbmlUsageError(AbmlError, TypeError):
    """A function of this library was given a Python object of a type it does not take."""


class AbmlFileError(AbmlError, OSError):
    """A document or program file that is not there or cannot be read; has `errno` and `filename`."""


class EnvironmentFault(AbmlError, ValueError):
    """A limit, manifest or registry that cannot be used; the message names the entry.

    Attributes:
        at: keys and list positions on the way to the entry, outermost first; empty when that says nothing.
    """

    def __init__(self, message: str, at: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.at = at


class ProgramFormatError(AbmlError):
    """Bytes that are not a program of this version, or were changed after they were written."""
