"""ABML: a YAML language for behavior, its compiler, its virtual machine and its tools.

This module runs at every import, so it holds the version and the list of
public names only; each name is loaded from its home when it is first used.
"""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from abml.compiler.bytecode.program import Program as Program
    from abml.diagnostics import Diagnostic as Diagnostic
    from abml.engine import check as check
    from abml.engine import compile as compile
    from abml.engine import evaluate as evaluate
    from abml.engine import format as format
    from abml.engine import parse as parse
    from abml.engine import plan as plan
    from abml.engine import render as render
    from abml.engine import run as run
    from abml.errors import AbmlError as AbmlError
    from abml.errors import AbmlFileError as AbmlFileError
    from abml.errors import AbmlPlanningError as AbmlPlanningError
    from abml.errors import AbmlRuntimeError as AbmlRuntimeError
    from abml.errors import AbmlSyntaxError as AbmlSyntaxError
    from abml.errors import AbmlUsageError as AbmlUsageError
    from abml.errors import CompileError as CompileError
    from abml.errors import ProgramFormatError as ProgramFormatError
    from abml.result import RunResult as RunResult
    from abml.source import Span as Span
    from abml.syntax.ast import Document as Document
    from abml.values import Duration as Duration
    from abml.vm.planner import Plan as Plan

_HOMES = {
    "AbmlError": "abml.errors",
    "AbmlFileError": "abml.errors",
    "AbmlPlanningError": "abml.errors",
    "AbmlRuntimeError": "abml.errors",
    "AbmlSyntaxError": "abml.errors",
    "AbmlUsageError": "abml.errors",
    "CompileError": "abml.errors",
    "Diagnostic": "abml.diagnostics",
    "Document": "abml.syntax.ast",
    "Duration": "abml.values",
    "Plan": "abml.vm.planner",
    "Program": "abml.compiler.bytecode.program",
    "ProgramFormatError": "abml.errors",
    "RunResult": "abml.result",
    "Span": "abml.source",
    "check": "abml.engine",
    "compile": "abml.engine",
    "evaluate": "abml.engine",
    "format": "abml.engine",
    "parse": "abml.engine",
    "plan": "abml.engine",
    "render": "abml.engine",
    "run": "abml.engine",
}

__all__ = ["__version__", *_HOMES]


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'abml' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
