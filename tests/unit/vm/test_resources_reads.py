"""Reads of provider paths that are remembered within a tick: what they cost the provider, and that they are never stale."""

from __future__ import annotations

import gc
from typing import Any

import pytest

import abml
from abml.vm.instance import Instance
from tests.unit.vm.resources_support import HEAD, Library, View, actor, messages, run

LOAD = "    - load_snapshot: {resource_type: character, resource_id: mila, name: d}\n"


class Counting(Library):
    """Remembers the views that it gave."""

    def __init__(self, data: dict[str, Any]) -> None:
        super().__init__(data)
        self.views: list[View] = []

    def view(self, request: Any) -> View:
        self.views.append(super().view(request))
        return self.views[-1]


def base(**values: Any) -> dict[str, Any]:
    return {"character-base": values}


@pytest.mark.parametrize("dispatch", ["goto", "switch"])
def test_a_path_is_asked_once_a_tick_and_read_often(dispatch: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ABML_DISPATCH", dispatch)
    long_text = "a text that is longer than what fits in a cell of the machine"
    library = Counting({"mila": base(rank=2, half=0.5, name="Mila", story=long_text, isle=None, big=1 << 60)})
    result = run(
        "  main:\n" + LOAD + "    - set: {sum: 0}\n"
        "    - repeat:\n"
        "        times: 3000\n"
        "        do:\n"
        "          - set: {sum: '${sum + d.base.rank + d.base.half}'}\n"
        "          - cond: [ {when: '${d.base.isle != null}', then: [ log: wrong ]} ]\n"
        "          - cond: [ {when: '${d.base.big != 1152921504606846976}', then: [ log: wrong ]} ]\n"
        "          - cond: [ {when: '${d.base.name + d.base.story != whole}', then: [ log: wrong ]} ]\n"
        "    - log: '${sum} ${d.base.name} ${d.base.story}'\n",
        library,
        limits={"max_instructions_per_tick": 10_000_000},
        scope={"whole": "Mila" + long_text},
    )
    assert result.error is None
    assert messages(result) == [f"7500 Mila {long_text}"]
    asked = library.views[0].reads
    assert len(asked) == len(set(asked))


def test_a_name_that_is_loaded_again_is_never_read_from_before() -> None:
    library = Library({"a": base(rank=1), "b": base(rank=2)})
    result = run(
        "  main:\n"
        "    - for_each:\n"
        "        variable: id\n"
        '        collection: \'${["a", "b", "a", "lost", "b"]}\'\n'
        "        do:\n"
        "          - load_snapshot: {resource_type: character, resource_id: '${id}', name: d}\n"
        "          - log: '${d.base.rank} ${d._error == null}'\n",
        library,
    )
    assert messages(result) == ["1 true", "2 true", "1 true", "null false", "2 true"]


def test_a_variable_hides_the_snapshot_as_long_as_it_is_bound() -> None:
    result = run(
        "  main:\n" + LOAD + "    - call: look\n"
        "    - call: {flow: look, with: {d: {base: {rank: 7}}}}\n"
        "    - call: look\n"
        "  look: [ log: '${d.base.rank}' ]\n",
        Library({"mila": base(rank=1)}),
    )
    assert messages(result) == ["1", "7", "1"]


def test_a_new_tick_asks_again() -> None:
    class Growing:
        def __init__(self) -> None:
            self.asked = 0

        def get(self, path: Any) -> Any:
            self.asked += 1
            return self.asked

    world = Growing()
    one = actor("  on_tick: [ log: '${world.day} ${world.time.hour}', log: '${world.day} ${world.time.hour}' ]",
                providers={"world": world})  # fmt: skip
    for now in (0, 100):
        one.tick(now)
    assert messages(one) == ["1 2", "1 2", "3 4", "3 4"]


def test_time_that_passes_within_a_run_asks_again() -> None:
    days = iter(range(100))
    provider = type("World", (), {"get": lambda self, path: next(days)})()
    result = run(
        "  main: [ log: '${world.time.day}', log: '${world.time.day}', wait: 1s, log: '${world.time.day}' ]",
        providers={"world": provider},
    )
    assert messages(result) == ["0", "0", "1"]


def test_what_a_document_does_to_a_list_or_map_stays_its_own() -> None:
    library = Library({"mila": base(box={"a": 1}, items=[1])})
    result = run(
        "  main:\n" + LOAD + "    - set: {x: '${d.base.box}', y: '${d.base.items}'}\n"
        "    - set: {x.a: 5, 'y[0]': 6}\n"
        "    - log: '${d.base.box.a} ${d.base.box} ${d.base.items} ${x} ${y}'\n",
        library,
    )
    assert messages(result) == ['1 {"a":1} [1] {"a":5} [6]']
    assert library.data["mila"] == base(box={"a": 1}, items=[1])


def test_remembered_texts_survive_collections() -> None:
    text = "told by the provider, " * 4
    program = abml.compile(
        HEAD + "flows:\n  main:\n" + LOAD + "    - set: {first: '${d.base.story}'}\n"
        "    - repeat: {times: 5000, do: [ set: {x: '${[first, d.base.story]}'} ]}\n"
        "    - clear: first\n    - clear: x\n"
        "    - repeat: {times: 3000, do: [ set: {x: '${[1, 2]}'} ]}\n"
        "    - return: '${d.base.story}'\n"
    )
    instance = Instance(program, resources=Library({"mila": base(story=text)}))
    instance.create()
    instance.base.start(int(program.info["entry"]))
    assert instance.base.resume(0) == "completed"
    gc.collect()
    instance.base.collect()
    assert instance.base.value == text


def test_every_actor_has_its_own() -> None:
    program = abml.compile(HEAD + "flows:\n  main:\n" + LOAD + "    - return: '${d.base.rank * 10}'\n")
    for rank in range(3):
        assert abml.run(program, flow="main", resources=Library({"mila": base(rank=rank)})).value == rank * 10


def test_extensions_read_the_snapshots_of_the_run_they_take_over() -> None:
    extension = 'version: "3.0"\nmetadata: {id: more}\nflows: {main: [ log: "${d.base.rank}" ]}\n'
    result = run(
        "  main:\n" + LOAD + "    - log: '${d.base.rank}'\n"
        "    - continuation_point: {name: here, timeout: 1s, default_flow: fallback}\n"
        "  fallback: [ log: fallback ]\n",
        Library({"mila": base(rank=4)}),
        extensions={"here": extension},
    )
    assert result.error is None
    assert messages(result) == ["4", "4"]
