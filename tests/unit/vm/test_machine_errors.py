"""The machine: error tables, the document's handler, places of errors."""

from __future__ import annotations

from typing import Any

from abml.compiler.bytecode.program import Site
from tests.unit.vm.machine_support import Host, both_forms, fault, machine, run, value


def call(name: str, unit: int) -> Site:
    return Site("call", name, unit)


@both_forms
def test_substitutes_cut_the_stack_and_go_on(dispatch: str) -> None:
    host = Host()
    code = """
    flow main
        ARG #"a"
    from: ARG #"lost"
        DIV t0, #1, #0
    to: ARG t0
        TEXT t1, 2
        RET t1
    """
    row = {
        "start": "from",
        "end": "to",
        "kind": "substitute",
        "target": "to",
        "register": "t0",
        "args": 1,
        "warn": True,
    }
    assert value(code, host, handlers={"main": [row | {"constant": 0}]}, dispatch=dispatch) == "aa"
    assert [kind for kind, _ in host.warnings] == ["template_error"]


HANDLED = """
    slot _error
    slot _error_handled
    slot done
    flow main
        SCOPE
    from: CALLFLOW t5, x0
    to: RET #"not reached"
    catch: GETM t1, _error, #"kind"
        SETV done, t1
        SETV _error_handled, #true
        JTRUE _error_handled, after
        RET #null
    after: RET done
    flow callee
        SCOPE
        ARG #1
        DIV t0, #1, #0
        RET t0
"""


@both_forms
def test_handlers_unwind_to_their_owner(dispatch: str) -> None:
    row = {"start": "from", "end": "to", "kind": "handle", "target": "catch", "register": "t0", "scopes": 1}
    made = run(HANDLED, handlers={"main": [row]}, sites=[call("callee", 1)], dispatch=dispatch)
    assert made.value == "division_by_zero"


def test_errors_name_the_flow_in_which_they_arose() -> None:
    found = fault(HANDLED, sites=[call("callee", 1)])
    assert (found.kind, found.flow) == ("division_by_zero", "callee")
    assert found.span is not None and found.span.line == 1


RERAISED = """
    slot _error
    flow main
    from: DIV t0, #1, #0
    to: RET #null
    inner: GETM t0, #null, #"x"
    end: RET #"inner"
    outer: LOADV t0, _error
        NOP
        RET t0
    last: MOV t3, t4
        RET t3
"""


@both_forms
def test_an_error_in_a_handler_hands_on_the_original(dispatch: str) -> None:
    rows: list[dict[str, Any]] = [
        {"start": "inner", "end": "end", "kind": "reraise", "target": "inner", "register": "t3"},
        {"start": "from", "end": "to", "kind": "handle", "target": "inner", "register": "t3"},
        {"start": "from", "end": "end", "kind": "handle", "target": "outer", "register": "t4"},
    ]
    error = value(RERAISED, handlers={"main": rows}, dispatch=dispatch)
    assert error["kind"] == "division_by_zero"
    assert error["handler_error"] == "'x' of null"


def test_the_original_is_found_though_its_flow_runs_again() -> None:
    code = """
    slot _error
    slot again document
    flow main
        JT again, fail
    from: DIV t0, #1, #0
    to: RET #null
    catch: MOV again, #true
        CALLFLOW t1, x0
    end: RET #null
    fail: MOV t3, #5
        GETM t0, #null, #"x"
        RET #null
    """
    rows: list[dict[str, Any]] = [
        {"start": "catch", "end": "end", "kind": "reraise", "target": "catch", "register": "t3"},
        {"start": "from", "end": "to", "kind": "handle", "target": "catch", "register": "t3"},
    ]
    found = fault(code, handlers={"main": rows}, sites=[call("main", 0)])
    assert found.kind == "division_by_zero" and found.handler_error == "'x' of null"


@both_forms
def test_flow_handlers_resume_at_the_next_top_level_action(dispatch: str) -> None:
    code = """
    slot log document
    slot _error_handled
    flow main
        LIST log
    top1: APPEND log, #1
    top2: APPEND log, #2
        DIV t0, #1, #0
        APPEND log, #"no"
    top3: APPEND log, #3
    top4: RET log
    catch: APPEND log, #"caught"
        RESUME t2
    """
    row = {"start": "top1", "end": "top4", "kind": "handle", "target": "catch", "register": "t1", "resume": "t2"}
    assert value(code, handlers={"main": [row]}, dispatch=dispatch) == [1, 2, "caught", 3]


DOCUMENT = """
    slot log document
    slot _error
    slot _error_handled
    flow main
    top1: LIST log
    top2: CALLFLOW t0, x0
    top3: APPEND log, #"after"
    top4: RET log
    flow deep
        DIV t0, #1, #0
        RET #null
    flow oops
        GETM t0, _error, #"flow"
        APPEND log, t0
        SETV _error_handled, {handled}
        RET #null
    flow broken
        GETM t0, #null, #"x"
        RET #null
"""


@both_forms
def test_the_document_handler_goes_on_after_the_failed_action(dispatch: str) -> None:
    code = DOCUMENT.format(handled="#true")
    assert value(code, sites=[call("deep", 1)], info={"error_unit": 2}, dispatch=dispatch) == ["deep", "after"]


@both_forms
def test_the_document_handler_ends_the_run_otherwise(dispatch: str) -> None:
    for word in ("#1", '#"yes"', "#false", "#null"):
        made = run(DOCUMENT.format(handled=word), sites=[call("deep", 1)], info={"error_unit": 2}, dispatch=dispatch)
        assert made.value is None
        assert made.get("log") == ["deep"]


def test_a_failing_document_handler_leaves_the_original() -> None:
    found = fault(DOCUMENT.format(handled="#1"), sites=[call("deep", 1)], info={"error_unit": 3})
    assert (found.kind, found.flow) == ("division_by_zero", "deep")
    found = fault(DOCUMENT.format(handled="#1"), sites=[call("deep", 1)], info={"error_unit": -2})
    assert found.kind == "division_by_zero"


def test_what_cannot_be_caught_is_not() -> None:
    code = "flow main\nfrom: JMP from\nto: RET #null\ncatch: MOV t0, #1\n RET t0\nflow oops\n RET #2"
    row = {"start": "from", "end": "to", "kind": "handle", "target": "catch", "register": "t0"}
    found = fault(code, handlers={"main": [row]}, info={"error_unit": 1})
    assert found.kind == "limit_exceeded"


def test_raised_kinds_and_exceptions_of_the_host() -> None:
    found = fault('flow main\n RAISE #"wait_timeout", #"late"')
    assert (found.kind, found.message) == ("wait_timeout", "late")

    class Broken(Host):
        def resolve(self, name: str) -> Any:
            raise RuntimeError("boom")

    found = fault("slot q\nflow main\n LOADV t0, q\n RET t0", Broken())
    assert found.kind == "internal_error" and found.type_name == "RuntimeError" and "boom" in found.message


def test_faults_leave_a_clean_machine() -> None:
    made = machine("slot x\nflow main\n SETV x, #1\n SCOPE\n ARG #1\n DIV t0, #1, #0\n RET t0")
    for _ in range(3):
        made.start(0)
        assert made.resume(0) == "failed"
        assert made.bindings() == {"x": (1, 2)}
        made.end_run()
