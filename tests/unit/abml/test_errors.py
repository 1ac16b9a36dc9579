"""The exceptions of the library and the kinds of runtime errors."""

from __future__ import annotations

import pickle

import abml
from abml.diagnostics.pages import names
from abml.errors import KINDS, AbmlError, AbmlRuntimeError, AbmlSyntaxError, CompileError, ProgramFormatError
from abml.source import Span


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in KINDS.values()}) == len(KINDS)
    assert all(901 <= kind.code <= 999 and kind.name == name for name, kind in KINDS.items())


def test_every_kind_is_explained() -> None:
    assert {kind.code for kind in KINDS.values()} <= set(names())


def test_one_base() -> None:
    for error in (AbmlRuntimeError, AbmlSyntaxError, CompileError, ProgramFormatError):
        assert issubclass(error, AbmlError)


def test_a_runtime_error_tells_its_place() -> None:
    error = AbmlRuntimeError("null_access", "x is null", Span("a.yml", 3, 5, 3, 6))
    assert (error.code, str(error)) == ("ABML902", "a.yml:3:5: null_access[ABML902]: x is null")
    assert str(AbmlRuntimeError("cancelled", "gone")) == "cancelled[ABML923]: gone"


def test_errors_survive_pickling() -> None:
    again = pickle.loads(pickle.dumps(AbmlRuntimeError("type_error", "no", Span("p", 1, 1, 1, 2), {"a": 1})))
    assert (again.kind, again.message, again.span, again.details) == ("type_error", "no", ("p", 1, 1, 1, 2), {"a": 1})


def test_public_names_exist() -> None:
    for name in abml.__all__:
        assert getattr(abml, name) is not None
    assert set(abml.__all__) <= set(dir(abml))
