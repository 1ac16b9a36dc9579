"""The machine: what the loop does with lists and maps gives what the operators give, and frees nothing in use."""

from __future__ import annotations

import gc
import itertools
from collections import OrderedDict
from typing import Any

import pytest

from abml.compiler.bytecode.program import Site
from abml.values import Duration, ValueFault, index, member, truthy
from abml.vm.core.machine import FaultError, ProviderRef
from tests.unit.vm.machine_support import Host, both_forms, machine, run, value

PLAIN: list[Any] = [
    None,
    True,
    False,
    0,
    -7,
    2**47,
    -(2**47) - 1,
    2**62,
    0.5,
    -0.0,
    float("nan"),
    "",
    "calm",
    "a text that nobody has interned, longer than a symbol",
    Duration(1500),
    [],
    [1],
    {},
    {"a": 1},
]


def outcome(function: Any, *args: Any) -> Any:
    try:
        result = function(*args)
    except ValueFault as found:
        return found.kind
    except FaultError as found:
        return found.fault.kind
    return type(result).__name__, repr(result)


def same(found: Any, expected: Any) -> bool:
    """Equal in kind and text; lists and maps are the same object."""
    if isinstance(expected, list | dict):
        return found is expected
    return type(found) is type(expected) and repr(found) == repr(expected)


# --------------------------------------------------------------------- access


@both_forms
@pytest.mark.parametrize("name", ["calm", "length", "first", "keys", "a"])
def test_fields(name: str, dispatch: str) -> None:
    made = machine(f'function f 1\n GETM t2, t0, #"{name}"\n PFIN t3, t2\n FRET t3', dispatch=dispatch)
    for target in [*PLAIN, *({"calm": item, "other": 1} for item in PLAIN), OrderedDict(calm=2)]:
        assert outcome(made.call, 0, (target,)) == outcome(member, target, name), target


@both_forms
def test_fields_keep_the_object(dispatch: str) -> None:
    made = machine('function f 1\n GETM t0, t0, #"calm"\n FRET t0', dispatch=dispatch)
    for item in PLAIN:
        assert same(made.call(0, ({"calm": item},)), item)


@both_forms
def test_keys_that_are_no_texts_are_left_alone(dispatch: str) -> None:
    class Hostile:
        def __hash__(self) -> int:
            return hash("calm")

        def __eq__(self, other: object) -> bool:
            raise RuntimeError("asked")

    made = machine('function f 1\n GETM t0, t0, #"calm"\n FRET t0', dispatch=dispatch)
    assert made.call(0, ({1: 2, "calm": 3},)) == 3
    assert outcome(made.call, 0, ({Hostile(): 1},)) == "internal_error"


class Holder:
    """Its instances share the keys of their dictionaries."""

    def __init__(self, first: Any, calm: Any) -> None:
        self.first = first
        self.calm = calm


def shapes() -> list[dict[Any, Any]]:
    """Maps that keep `calm` in different places and ways, or have lost it."""
    removed = {"calm": 1, "mood": 2}
    del removed["calm"]
    again = dict(removed, calm=3)
    emptied = {"a": 1, "calm": 4, "b": 2}
    del emptied["a"]
    large = {f"key{k}": k for k in range(100)} | {"calm": 5}
    built = {"".join(["ca", "lm"]): 6, "".join(["moo", "d"]): 7}
    holder = Holder(1, 8)
    lonely = Holder(1, 9)
    del lonely.calm
    mixed: dict[Any, Any] = {7: 1, "calm": 10, None: 2}
    return [
        {"calm": 0},
        {"mood": 1, "calm": 2},
        removed,
        again,
        emptied,
        large,
        built,
        holder.__dict__,
        lonely.__dict__,
        Holder(1, 11).__dict__,
        mixed,
        {},
        {"calm": None},
        {"mood": 1, "a": 2, "calm": 12},
    ]


@both_forms
def test_fields_of_maps_of_every_shape(dispatch: str) -> None:
    """The place of a name in one map is no more than a guess for the next."""
    made = machine(
        'function f 1\n GETM t2, t0, #"calm"\n GETM t3, t0, #"mood"\n LIST t4\n APPEND t4, t2\n APPEND t4, t3\n FRET t4',
        dispatch=dispatch,
    )
    for pair in itertools.permutations(shapes(), 2):
        for target in pair:
            assert made.call(0, (target,)) == [target.get("calm"), target.get("mood")], target


@both_forms
@pytest.mark.parametrize("name", ["calm", "length"])
def test_fields_of_variables(name: str, dispatch: str) -> None:
    """A variable, its field and the end of the chain are one instruction of the loop."""
    code = f'slot mood\nfunction f 1\n LOCALV mood, t0\n LOADV t2, mood\n GETM t3, t2, #"{name}"\n PFIN t4, t3\n NOP\n LIST t5\n APPEND t5, t2\n APPEND t5, t3\n APPEND t5, t4\n FRET t5'
    made = machine(code, dispatch=dispatch)

    def expected(target: Any) -> Any:
        found = member(target, name)
        return [target, found, found]

    for target in [*PLAIN, *({"calm": item} for item in PLAIN)]:
        assert outcome(made.call, 0, (target,)) == outcome(expected, target), target


@both_forms
def test_fields_of_names_that_nothing_binds(dispatch: str) -> None:
    code = 'slot mood\nflow f\n LOADV t0, mood\n GETM t0, t0, #"calm"\n PFIN t0, t0\n RET t0'
    assert value(code, Host(mood={"calm": 2}), dispatch=dispatch) == 2
    host = Host(mood=ProviderRef("mood"), provider_mood={"calm": {"x": 1}})
    assert value(code, host, dispatch=dispatch) == {"x": 1}
    assert host.asked == [("mood", ("calm",))]


@both_forms
def test_elements(dispatch: str) -> None:
    made = machine("function f 2\n GETI t0, t0, t1\n FRET t0", dispatch=dispatch)
    targets = [*PLAIN, PLAIN, {"0": 1, "-1": 2}]
    keys = [*range(-2, len(PLAIN) + 1), 2**62, -(2**62), 1.0, 0.5, float("nan"), "0", "a", True, None]
    for target, key in itertools.product(targets, keys):
        assert outcome(made.call, 0, (target, key)) == outcome(index, target, key), (target, key)


@both_forms
@pytest.mark.parametrize(
    "code",
    [
        "JT t0, yes\n FRET #0",
        "JF t0, no\n FRET #1",
        "NOT t2, t0\n JT t2, no\n FRET #1",
        "BOOL t2, t0\n JT t2, yes\n FRET #0",
    ],
)
def test_truth(code: str, dispatch: str) -> None:
    made = machine(f"function f 1\n {code}\nyes: FRET #1\nno: FRET #0", dispatch=dispatch)
    for target in PLAIN:
        assert made.call(0, (target,)) == int(truthy(target)), target


@both_forms
def test_an_intent_keeps_the_list_as_it_was_emitted(dispatch: str) -> None:
    site = Site("intent", "stance", -1)
    items = [1, {"deep": [2]}]
    made = machine("function f 1\n INTENT x0, t0, #0.5\n NOP\n FRET #null", sites=[site], dispatch=dispatch)
    for expected in (1, 2):
        # The first one goes the slow way, which makes room for the others.
        made.call(0, (items,))
        items[1]["deep"].append(3)
        items.append(4)
        found = [record["action"] for record in made.take_intents()]
        assert found == [[1, {"deep": [2] + [3] * (expected - 1)}, *[4] * (expected - 1)]]


# ------------------------------------------------------------------ iteration

COLLECT = """
    ITER t2, {over}
next: NEXT t2, t3, done
    INDEX t4, t2
    APPEND t1, t4
    APPEND t1, t3
    {body}
    JMP next
done: RET t1
"""


def collecting(over: str, body: str = "NOP") -> str:
    return "LIST t1\n" + COLLECT.format(over=over, body=body)


@both_forms
def test_elements_of_every_kind_are_met_in_order(dispatch: str) -> None:
    made = machine("slot xs document\nflow f\n" + collecting("xs"), dispatch=dispatch)
    made.set("xs", PLAIN)
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    found = made.value
    assert found[::2] == list(range(len(PLAIN)))
    assert all(same(one, item) for one, item in zip(found[1::2], PLAIN, strict=True))


def store(*flags: str) -> Site:
    return Site("store", "xs", slots=(0, -1), flags=frozenset(flags))


def changes(dispatch: str, body: str, host: Host | None = None, **options: Any) -> tuple[Any, Any]:
    """(what a loop over `xs` met, `xs` afterwards)."""
    made = machine("slot xs document\nflow f\n" + collecting("xs", body), host, dispatch=dispatch, **options)
    items = [1, 2, 3]
    made.set("xs", items)
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    return made.value[1::2], items


@both_forms
def test_a_loop_does_not_see_what_its_body_appends(dispatch: str) -> None:
    assert changes(dispatch, "STORE x0, #9", sites=[store("append")]) == ([1, 2, 3], [1, 2, 3, 9, 9, 9])


@both_forms
def test_a_loop_does_not_see_what_its_body_removes(dispatch: str) -> None:
    assert changes(dispatch, "STORE x0, t3", sites=[store("remove")]) == ([1, 2, 3], [])


@both_forms
def test_a_loop_does_not_see_what_an_action_of_the_host_changes(dispatch: str) -> None:
    class Growing(Host):
        def act(self, site: Site, params: dict[str, Any], flow: str | None, channel: str | None) -> tuple[str, Any]:
            held["xs"].insert(0, 0)
            return "done", None

    held: dict[str, Any] = {}
    made = machine(
        "slot xs document\nflow f\n" + collecting("xs", "ACT t0, x0, -"),
        Growing(),
        dispatch=dispatch,
        sites=[Site("action", "grow", -1)],
    )
    held["xs"] = [1, 2]
    made.set("xs", held["xs"])
    made.start(0)
    assert made.resume(0) == "completed"
    assert made.value[1::2] == [1, 2] and held["xs"] == [0, 0, 1, 2]


@both_forms
def test_a_loop_does_not_see_what_a_provider_changes(dispatch: str) -> None:
    class Changing(Host):
        def provide(self, name: str, path: tuple[str, ...]) -> Any:
            items.clear()
            return 5

    items = [1, 2, 3]
    code = 'slot xs document\nslot p\nflow f\n LOADV t5, p\n GETM t5, t5, #"level"\n' + collecting(
        "xs", "ADD t0, t5, #1"
    )
    made = machine(code, Changing(p=ProviderRef("p")), dispatch=dispatch)
    made.set("xs", items)
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    assert made.value[1::2] == [1, 2, 3] and items == []


@both_forms
def test_a_loop_does_not_see_what_a_function_of_the_host_changes(dispatch: str) -> None:
    host = Host()
    host.functions["trim"] = lambda xs: xs.pop()
    found, items = changes(dispatch, "ARG xs\n CALLF t0, f0, 1", host, functions=["trim"], host_functions=["trim"])
    assert (found, items) == ([1, 2, 3], [])


@both_forms
def test_a_loop_that_waits_keeps_its_elements(dispatch: str) -> None:
    made = machine("slot xs document\nflow f\n" + collecting("xs", "YIELD #null, #null, 1"), dispatch=dispatch)
    items = [1, 2, 3]
    made.set("xs", items)
    made.start(0)
    states = []
    while (state := made.resume(0)) == "suspended":
        states.append(state)
        items.clear()
    assert (state, len(states), made.value[1::2]) == ("completed", 3, [1, 2, 3])


@both_forms
def test_a_loop_goes_on_from_a_snapshot(dispatch: str) -> None:
    made = machine("slot xs document\nflow f\n" + collecting("xs", "YIELD #null, #null, 1"), dispatch=dispatch)
    made.set("xs", [1, 2, 3])
    made.start(0)
    made.resume(0)
    other = machine("slot xs document\nflow f\n" + collecting("xs", "YIELD #null, #null, 1"), dispatch=dispatch)
    other.restore(made.snapshot())
    while other.resume(0) == "suspended":
        pass
    assert other.value[1::2] == [1, 2, 3]


@both_forms
def test_loops_inside_loops_share_the_same_list(dispatch: str) -> None:
    code = """
    slot xs document
    flow f
        LIST t1
        ITER t2, xs
    outer: NEXT t2, t3, done
        ITER t4, xs
    inner: NEXT t4, t5, outer
        JNLT t3, t5, inner
        APPEND t1, t5
        STORE x0, #0
        JMP inner
    done: RET t1
    """
    made = machine(code, dispatch=dispatch, sites=[store("append")])
    items = [1, 2, 3]
    made.set("xs", items)
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    assert made.value == [2, 3, 3]
    assert items == [1, 2, 3, 0, 0, 0]


@both_forms
def test_many_loops_that_were_left_early(dispatch: str) -> None:
    code = (
        "slot xs document\nflow f\n LIST t1\n TIMES t6, #50\n MOV t7, #-1\nround: COUNT t7, t6, last\n ITER t2, xs\n NEXT t2, t3, round\n JMP round\nlast: NOP\n"
        + COLLECT.format(over="xs", body="STORE x0, #9")
    )
    made = machine(code, dispatch=dispatch, sites=[store("append")])
    items = [1, 2, 3]
    for expected in ([1, 2, 3], [1, 2, 3, 9, 9, 9]):
        made.set("xs", items)
        made.start(0)
        assert made.resume(0) == "completed", made.fault
        assert made.value[1::2] == expected
        made.end_run()


@both_forms
def test_iterated_lists_are_bounded(dispatch: str) -> None:
    made = machine(
        "slot xs document\nflow f\n" + collecting("xs"), dispatch=dispatch, limits={"max_loop_iterations": 5}
    )
    for length, expected in ((5, "completed"), (6, "failed")):
        made.set("xs", [0] * length)
        made.start(0)
        assert made.resume(0) == expected
    assert made.fault is not None and made.fault.kind == "limit_exceeded"


# ----------------------------------------------------------------- collection


@both_forms
def test_what_the_machine_holds_outlives_collections(dispatch: str) -> None:
    """Values in variables, arguments, shadowed bindings, kept registers and intents, while others come and go."""
    code = """
    slot kept document
    slot shadow
    flow f
        LIST kept
        APPEND kept, #1
        LIST t0
        APPEND t0, #2
        LOCALV shadow, t0
        SCOPE
        LOCALV shadow, #null
        LIST t1
        APPEND t1, #3
        ARG t1
        LIST t4
        APPEND t4, #4
        INTENT x0, t4, #1
        TIMES t2, #20000
        MOV t3, #-1
    next: COUNT t3, t2, done
        LIST t4
        APPEND t4, t3
        JMP next
    done: UNSCOPE 1
        LIST t5
        APPEND t5, kept
        LOADV t0, shadow
        APPEND t5, t0
        APPEND t5, t4
        ARG t5
        TEXT t0, 2
        RET t0
    """
    made = machine(code, sites=[Site("intent", "stance")], dispatch=dispatch, limits={"max_loop_iterations": 30000})
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    assert made.value == "[3][[1],[2],[19999]]"
    assert made.take_intents()[0]["action"] == [4]
    assert made.heap_values[0] < 3000


@both_forms
def test_what_is_freed_is_freed_once(dispatch: str) -> None:
    class Counted(dict):  # type: ignore[type-arg]
        def __del__(self) -> None:
            gone.append(self["n"])

    gone: list[int] = []
    code = "slot xs document\nslot last document\nflow f\n ITER t0, xs\nnext: NEXT t0, last, done\n JMP next\ndone: MOV t0, #null\n RET #null"
    made = machine(code, dispatch=dispatch)
    made.set("xs", [Counted(n=n) for n in range(5000)])
    made.start(0)
    assert made.resume(0) == "completed", made.fault
    made.end_run()
    assert gone == []
    made.set("xs", None)
    made.collect()
    made.collect()
    assert sorted(gone) == list(range(4999))
    assert made.get("last")["n"] == 4999
    del made
    gc.collect()
    assert sorted(gone) == list(range(5000))


def test_a_value_that_dies_may_use_the_machine() -> None:
    class Curious(dict):  # type: ignore[type-arg]
        def __del__(self) -> None:
            made.set("last", [self["n"]])
            seen.append(made.get("last"))

    seen: list[Any] = []
    code = "slot xs document\nslot last document\nflow f\n LIST t0\n ITER t0, xs\nnext: NEXT t0, t1, done\n JMP next\ndone: MOV t1, #null\n MOV xs, #null\n MOV t0, #null\n RET #null"
    made = machine(code)
    made.set("xs", [Curious(n=n) for n in range(3000)])
    made.start(0)
    assert made.resume(0) == "completed"
    made.collect()
    assert len(seen) == 3000
    assert all(one == [n] for one, n in zip(sorted(seen), range(3000), strict=True))


def test_parked_and_waiting_runs_keep_their_values() -> None:
    made = run("slot x document\nflow f\n LIST x\n RET #null")
    made.end_run()
    code = "flow f\n LIST t0\n APPEND t0, #7\n YIELD #null, #null, 1\n RET t0"
    waiting = machine(code)
    waiting.start(0)
    assert waiting.resume(0) == "suspended"
    state = waiting.park()
    for _ in range(2000):
        waiting.start(0)
        waiting.resume(0)
        waiting.drop()
        waiting.end_run()
    waiting.collect()
    waiting.unpark(state)
    assert waiting.resume(0) == "completed"
    assert waiting.value == [7]
