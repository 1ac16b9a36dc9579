"""Snapshots in runs: loading, names, filters, what goes wrong, whom a wait holds up."""

from __future__ import annotations

from typing import Any

import pytest

import abml
from abml.resolver import MappingResolver
from abml.vm.actions import Action, ActionContext
from tests.unit.vm.resources_support import HEAD, MILA, Library, actor, messages, run, warnings

BARE = 'version: "3.0"\nmetadata: {id: bare, type: event_brain}\n'


@pytest.mark.parametrize("is_slow", [False, True])
def test_a_snapshot_is_read_by_namespace_type_and_alias(is_slow: bool) -> None:
    library = Library({"mila": MILA}, is_slow=is_slow)
    library.gate.is_open = True
    result = run(
        "  main:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: dossier}\n"
        "    - log: '${dossier.base.name} ${dossier.temper.patience}'\n"
        "    - log: '${dossier.character-personality.traits.calm} ${dossier.personality.patience * 2}'\n"
        "    - log: '${dossier._error} ${dossier._id} ${dossier.personality.nothing}'\n",
        library,
    )
    assert result.error is None
    assert messages(result) == ["Mila 0.125", "2 0.25", "null mila null"]


def test_the_effect_is_recorded_and_a_result_is_no_variable() -> None:
    result = run(
        "  main: [ load_snapshot: {resource_type: character, resource_id: mila, name: dossier} ]",
        Library({"mila": MILA}),
    )
    assert [(effect.name, effect.params["resource_id"]) for effect in result.effects] == [("load_snapshot", "mila")]
    assert "dossier" not in result.scope


def test_a_snapshot_is_there_for_the_whole_document_and_a_later_one_takes_its_name() -> None:
    library = Library({"mila": MILA, "ondrej": {"character-base": {"name": "Ondrej"}}})
    result = run(
        "  main:\n"
        "    - call: look\n"
        "    - log: '${who.base.name} ${who.personality.patience}'\n"
        "    - load_snapshot: {resource_type: character, resource_id: ondrej, name: who}\n"
        "    - log: '${who.base.name} ${who.personality.patience}'\n"
        "    - call: tell\n"
        "  look: [ load_snapshot: {resource_type: character, resource_id: mila, name: who} ]\n"
        "  tell: [ log: '${who.base.name}' ]\n",
        library,
    )
    assert messages(result) == ["Mila 0.125", "Ondrej null", "Ondrej"]


def test_names_are_variables_then_snapshots_then_providers_of_the_host() -> None:
    result = run(
        "  main:\n"
        "    - log: '${mood.base.name}'\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: mood}\n"
        "    - log: '${mood.base.name}'\n"
        "    - local: {mood: {base: {name: variable}}}\n"
        "    - log: '${mood.base.name}'\n",
        Library({"mila": MILA}),
        providers={"mood": {"base": {"name": "host"}}},
    )
    assert messages(result) == ["host", "Mila", "variable"]


def test_a_snapshot_cannot_be_assigned_through() -> None:
    result = run(
        "  main:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: dossier}\n"
        "    - set: {dossier.base.name: Nobody}\n",
        Library({"mila": MILA}),
    )
    assert result.error.kind == "readonly_target"


# ------------------------------------------------------------------- requests


def test_res_018_what_the_document_declares_is_the_filter() -> None:
    library = Library({"mila": MILA})
    run("  main: [ load_snapshot: {resource_type: character, resource_id: mila, name: d} ]", library)
    assert library.requests[0].sources == ("character-base", "character-personality")
    assert library.requests[0].aliases == (("temper", "character-personality"),)
    run("  main: [ load_snapshot: {resource_type: character, resource_id: mila, name: d} ]", library, head=BARE)
    assert library.requests[1].sources is None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("[temper]", ("character-personality",)),
        ("[personality, base]", ("character-personality", "character-base")),
        ("[character_base]", ("character-base",)),
        ("character-base", ("character-base",)),
        ("[character_history, character-quest]", ("character-history", "character-quest")),
        ("[]", ("character-base", "character-personality")),
    ],
)
def test_a_filter_has_types_namespaces_and_aliases(written: str, meant: tuple[str, ...]) -> None:
    library = Library({"mila": MILA})
    line = f"load_snapshot: {{resource_type: character, resource_id: mila, name: d, filter: {written}}}"
    result = run(f"  main: [ {line} ]", library)
    assert result.error is None
    assert library.requests[0].sources == meant


def test_an_imported_document_asks_for_what_it_declares_itself() -> None:
    library = Library({"mila": MILA})
    files = {
        "tools.abml.yml": (
            'version: "3.0"\nmetadata: {id: tools, resource_templates: [{type: character-personality, alias: nerves}]}\n'
            "flows:\n  look:\n"
            "    - load_snapshot: {resource_type: character, resource_id: mila, name: seen}\n"
            "    - log: '${seen.nerves.patience}'\n"
        ),
        "main.abml.yml": (
            'version: "3.0"\nmetadata: {id: main, resource_templates: [character-base]}\n'
            "imports: [ {file: tools.abml.yml, as: tools} ]\n"
            "flows: {main: [ call: tools.look ]}\n"
        ),
    }
    result = abml.run(files["main.abml.yml"], path="main.abml.yml", resolver=MappingResolver(files), resources=library)
    assert result.error is None
    assert messages(result) == ["0.125"]
    assert library.requests[0].sources == ("character-personality",)


def test_kind_and_age_reach_the_library() -> None:
    library = Library({"mila": MILA})
    line = "load_snapshot: {resource_type: character, resource_id: mila, name: d, source: archive, max_age_s: 30}"
    run(f"  main: [ {line} ]", library)
    assert (library.requests[0].kind, library.requests[0].max_age_s) == ("archive", 30.0)


# --------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ("resource_id: '${nobody}'", "load_snapshot: the id of a resource is a text, not null"),
        ("resource_id: '${3 + 4}'", "load_snapshot: the id of a resource is a text, not int 7"),
        ("resource_id: '${\"\"}'", "load_snapshot: the id of a resource is empty"),
        ("resource_id: mila, max_age_s: -1", "load_snapshot: 'max_age_s' is a number of seconds, not int -1"),
        ("resource_id: mila, kind: '${odd}'", "load_snapshot: 'kind' is one of snapshot, archive, auto, not string"),
    ],
)
def test_bad_requests_are_resource_errors(params: str, message: str) -> None:
    result = run(
        f"  main: [ load_snapshot: {{resource_type: character, name: d, {params}}} ]", Library({}), scope={"odd": "old"}
    )
    assert (result.error.kind, result.error.code) == ("resource_error", "ABML916")
    assert result.error.message.startswith(message)


def test_a_resource_error_can_be_caught() -> None:
    result = run(
        "  main:\n"
        "    - load_snapshot: {resource_type: character, resource_id: '${nobody}', name: d}\n"
        "      on_error: [ log: '${_error.kind}', set: {_error_handled: true} ]\n"
        "    - log: after\n",
        Library({}),
    )
    assert messages(result) == ["resource_error", "after"]


def test_a_name_made_at_run_time_has_to_be_one() -> None:
    from abml.vm.actions import ActionRegistry, Failed, dispatch

    one = actor("  on_tick: [ noop ]", Library({"mila": MILA}))
    for name in ("two words", "_error", "", 7):
        action = Action("load_snapshot", {"resource_type": "character", "resource_id": "mila", "name": name})
        context = ActionContext(action, runtime=one.instance.performer.runtime)
        outcome = dispatch(ActionRegistry(), action, context)
        assert isinstance(outcome, Failed)
        assert (outcome.kind, outcome.extra) == ("resource_error", {"reason": "invalid_name"})


def test_without_a_library_every_resource_is_unavailable() -> None:
    result = run(
        "  main:\n"
        "    - prefetch_snapshots: {resource_type: character, resource_ids: [mila, mila]}\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
        "    - log: '${d._error.kind} ${d._loaded} ${d._id} ${d.id} ${d._type} ${d.base.name} ${d._missing.count}'\n"
        "    - watch: {resource_type: character, resource_id: mila, name: e}\n"
        "    - log: '${e._error.kind} ${e._sources} ${e._age}'\n"
        "    - unwatch: {resource_type: character, resource_id: mila}\n",
        strict=True,
    )
    assert result.error is None
    assert messages(result) == ["unavailable false mila mila character null 2", "unavailable [] null"]


def test_a_library_that_raises_gives_an_empty_provider_and_one_warning_each() -> None:
    class Broken(Library):
        def fetch(self, request: Any) -> Any:
            raise OSError("the shelf is gone")

    for library in (Broken({}), Library({"mila": OSError("the shelf is gone")}, is_slow=True)):
        library.gate.is_open = True
        result = run(
            "  main:\n"
            "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
            "    - log: '${d._error.kind}: ${d._error.message}; ${d.base.name}'\n",
            library,
        )
        assert messages(result) == ["unavailable: OSError: the shelf is gone; null"]
        assert warnings(result) == ["character 'mila': OSError: the shelf is gone"]


def test_res_039_one_deleted_candidate_does_not_spoil_the_others() -> None:
    data = {f"c{n}": {"character-personality": {"patience": n / 8}} for n in range(10) if n != 4}
    result = run(
        "  main:\n"
        "    - set: {scored: 0}\n"
        "    - for_each:\n"
        "        variable: id\n"
        "        collection: '${range(0, 10).map(n => \"c\" + n)}'\n"
        "        do:\n"
        "          - load_snapshot: {resource_type: character, resource_id: '${id}', name: dossier}\n"
        "          - cond:\n"
        "              - when: '${dossier._error != null}'\n"
        "                then: [ log: '${id} ${dossier._error.kind}', continue ]\n"
        "          - set: {scored: '${scored + 1}'}\n",
        Library(data),
    )
    assert result.error is None
    assert result.scope["scored"] == 9
    assert messages(result) == ["c4 not_found"]


def test_res_015_one_name_is_bound_to_many_ids() -> None:
    library = Library({f"c{n}": {"character-base": {"name": f"N{n}"}} for n in range(50)})
    result = run(
        "  main:\n"
        "    - for_each:\n"
        "        variable: id\n"
        "        collection: '${range(0, 50).map(n => \"c\" + n)}'\n"
        "        do:\n"
        "          - load_snapshot: {resource_type: character, resource_id: '${id}', name: focus}\n"
        "          - log: '${focus.base.name}'\n",
        library,
    )
    assert messages(result) == [f"N{n}" for n in range(50)]


# ------------------------------------------------------------------- prefetch


def test_ids_are_prefetched_once_each() -> None:
    library = Library({"mila": MILA})
    result = run(
        "  main:\n"
        '    - prefetch_snapshots: {resource_type: character, resource_ids: \'${["mila", "nobody", "mila"]}\'}\n'
        "    - prefetch_snapshots: {resource_type: character, resource_ids: '${[]}'}\n"
        "    - prefetch_snapshots: {resource_type: character, resource_ids: '${nothing}', filter: [temper]}\n",
        library,
    )
    assert result.error is None
    assert library.prefetched == [("character", ["mila", "nobody"], ("character-base", "character-personality"))]
    assert [log.message for log in result.logs if log.level == "debug"] == ["prefetched 1/2 character"]


@pytest.mark.parametrize("ids", ["mila", ["mila", 3], [None], {"a": 1}, [""]])
def test_ids_that_are_no_list_of_texts_are_errors(ids: Any) -> None:
    line = "prefetch_snapshots: {resource_type: character, resource_ids: '${ids}'}"
    result = run(f"  main: [ {line} ]", Library({}), scope={"ids": ids})
    assert result.error.kind == "resource_error"


def test_a_prefetch_that_fails_is_no_error() -> None:
    class Broken(Library):
        def prefetch(self, *args: Any) -> Any:
            raise OSError("no")

    result = run("  main: [ prefetch_snapshots: {resource_type: character, resource_ids: [a]} ]", Broken({}))
    assert result.error is None
    assert warnings(result) == ["prefetch of 1 character failed: OSError: no"]


# ---------------------------------------------------------------------- hosts


def test_a_handler_of_the_host_comes_first_and_the_catch_all_does_not() -> None:
    library, asked = Library({"mila": MILA}), []

    def own(action: Action, context: ActionContext) -> None:
        asked.append(action.params["resource_id"])
        context.set("dossier", {"base": {"name": "from the handler"}})

    flows = (
        "  main:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: dossier}\n"
        "    - log: '${dossier.base.name}'\n"
    )
    assert messages(run(flows, library, handlers={"load_snapshot": own})) == ["from the handler"]
    assert asked == ["mila"] and library.requests == []
    assert messages(run(flows, library, handlers={"*": own})) == ["Mila"]
    assert asked == ["mila"]


# -------------------------------------------------------------- whom it holds up


def test_other_channels_go_on_while_one_waits_for_its_data() -> None:
    library = Library({"mila": MILA}, is_slow=True)

    def open_gate(action: Action, context: ActionContext) -> None:
        library.gate.is_open = True

    result = abml.run(
        HEAD + "channels:\n"
        "  reader:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
        "    - log: '${d.base.name}'\n"
        "  other: [ log: one, log: two, open_gate: {} ]\n",
        resources=library,
        handlers={"open_gate": open_gate},
        channels=None,
    )
    assert result.error is None
    assert messages(result) == ["one", "two", "Mila"]


def test_res_029_a_load_suspends_one_actor_and_the_others_tick() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    reading = actor(
        "  on_tick:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
        "    - log: '${d.base.name}'\n",
        library,
        waits=False,
    )
    ticking = actor("  on_tick: [ log: tick ]")
    for now in (0, 100, 200):
        assert reading.tick(now).status == "suspended"
        assert ticking.tick(now).status == "completed"
    assert (messages(reading), messages(ticking)) == ([], ["tick"] * 3)
    library.gate.is_open = True
    assert reading.tick(300).status == "completed"
    assert messages(reading) == ["Mila"]


def test_a_load_that_nobody_waits_for_any_more_is_cancelled() -> None:
    library = Library({"mila": MILA}, is_slow=True)
    one = actor(
        "  on_tick:\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d, timeout: 2}\n"
        "      on_error: [ log: '${_error.kind}', set: {_error_handled: true} ]\n",
        library,
        waits=False,
    )
    assert one.tick(0).status == "suspended"
    assert one.tick(2_500).status == "completed"
    assert messages(one) == ["await_timeout"]
    assert one.stop(2_600).status == "completed"


def test_what_is_no_library_is_refused_at_once() -> None:
    class Half:
        def fetch(self, request: Any) -> Any:
            """Nothing else."""

    with pytest.raises(abml.AbmlUsageError, match="int has no fetch, prefetch, watch, unwatch"):
        run("  main: [ noop ]\n", 3)
    with pytest.raises(abml.AbmlUsageError, match="Half has no prefetch"):
        run("  main: [ noop ]\n", Half())


@pytest.mark.parametrize("is_slow", [False, True])
def test_answers_of_a_library_that_are_none(is_slow: bool) -> None:
    """A library that answers nonsense is warned of, and the resource is unavailable."""

    class Odd(Library):
        def view(self, request: Any) -> Any:
            return 3

        async def _counted(self, counted: Any) -> Any:
            return None

        def prefetch(self, *given: Any) -> Any:
            return self._counted(given) if self.is_slow else None

    library = Odd({}, is_slow=is_slow)
    library.gate.is_open = True
    result = run(
        "  main:\n"
        "    - prefetch_snapshots: {resource_type: character, resource_ids: [mila]}\n"
        "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"
        "    - log: '${d._error.kind} ${d.base.name}'\n",
        library,
    )
    assert messages(result) == ["unavailable null"]
    assert warnings(result) == [
        "prefetch of 1 character failed: TypeError: the library gave NoneType, not two counts",
        "character 'mila': TypeError: the library gave int, not a view",
    ]
