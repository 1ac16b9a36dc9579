"""Which loads are fetched before their loops, and how an author sees it."""

from __future__ import annotations

import pytest

import abml

HEAD = """
version: "3.0"
metadata: { id: quay }
context: { variables: { crew: [ ada, bo ], calm: true } }
flows:
  main:
    - for_each:
        variable: hand
        collection: "${crew}"
        do:
"""
LOAD = '{load_snapshot: {resource_type: sailor, resource_id: "${hand}", name: file}}'
NOTE = "fetched before the loop: sailor of each element"


def text(*actions: str) -> str:
    return (
        HEAD
        + "".join(f"          - {action}\n" for action in actions)
        + "    - call: helper\n  helper: [ log: helping ]\n"
    )


def is_ahead(*actions: str) -> bool:
    """Whether the load is fetched ahead; what is told and what is done must agree."""
    document = text(*actions)
    told = [diag for diag in abml.check(document, style=True) if diag.code == "ABML415"]
    assert NOTE not in abml.compile(document, optimize=0).disassemble()
    assert bool(told) == (NOTE in abml.compile(document).disassemble())
    return bool(told)


def test_res_058_the_author_sees_it_on_request() -> None:
    document = text(LOAD, 'log: "${file.x}"')
    assert [diag.code for diag in abml.check(document)] == []
    (found,) = [diag for diag in abml.check(document, style=True) if diag.code == "ABML415"]
    assert (found.severity, found.span.line, found.span.column) == ("info", 11, 14)
    listing = abml.compile(document).disassemble().splitlines()
    (at,) = [number for number, line in enumerate(listing) if NOTE in line]
    assert "ACT" in listing[at] and "NEXT" in "".join(listing[at : at + 3])


@pytest.mark.parametrize(
    "actions",
    [
        (LOAD,),
        ("log: before", 'set: {seen: "${hand}"}', LOAD),
        ("{cond: [{when: '${calm}', then: [{log: calm}]}]}", LOAD),
        (LOAD, "continue"),
        (LOAD, "{cond: [{when: '${calm}', then: [continue]}]}", "{call: helper}"),
        (LOAD, "{condition: '${calm}'}", "log: after"),
        (
            LOAD,
            '{for_each: {variable: other, collection: "${crew}", do: [{cond: [{when: "${calm}", then: [break]}]}]}}',
        ),
        ('{repeat: {times: 2, do: [{cond: [{when: "${calm}", then: [continue]}]}]}}', LOAD),
        (LOAD.replace('"${hand}"', '"${hand.papers.id}"'),),
        (LOAD.replace("name: file", "name: file, filter: [base, mood]"),),
        (LOAD.replace("}}", "}, on_error: [{log: lost}]}"),),
    ],
)
def test_res_058_every_round_comes_to_the_load(actions: tuple[str, ...]) -> None:
    assert is_ahead(*actions)


@pytest.mark.parametrize(
    "before",
    [
        "{cond: [{when: '${calm}', then: [continue]}]}",
        "{condition: '${calm}'}",
        "{call: helper}",
        "{cond: [{when: '${calm}', then: [{call: helper}]}]}",
        "{set: {hand: other}}",
        "{cond: [{when: '${calm}', then: [{set: {hand.id: other}}]}]}",
        "{call: helper, into: hand}",
        "{increment: {variable: hand}}",
        "{log: x, on_error: [continue]}",
    ],
)
def test_res_058_a_load_that_may_be_passed_by_is_left_alone(before: str) -> None:
    assert not is_ahead(before, LOAD)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "{cond: [{when: '${calm}', then: [break]}]}",
        "{cond: [{when: '${calm}', then: [{return: 1}]}]}",
        "{cond: [{when: '${calm}', then: [{goto: helper}]}]}",
        "{log: x, on_error: [break]}",
        '{for_each: {variable: other, collection: "${crew}", do: [{cond: [{when: "${calm}", then: [{return: 1}]}]}]}}',
        "{wait: 1s}",
        "{wait_for: bell}",
        "{choice: {options: [{label: yes}]}}",
        "{dig: {}, await: completion}",
    ],
)
def test_res_058_a_loop_that_may_end_or_wait_is_left_alone(elsewhere: str) -> None:
    assert not is_ahead(LOAD, elsewhere)
    assert not is_ahead(elsewhere, LOAD)


@pytest.mark.parametrize(
    "load",
    [
        LOAD.replace('"${hand}"', "ada"),
        LOAD.replace('"${hand}"', '"${crew.first}"'),
        LOAD.replace('"${hand}"', '"${hand?.id}"'),
        LOAD.replace('"${hand}"', '"${hand[0]}"'),
        LOAD.replace('"${hand}"', '"x-${hand}"'),
        LOAD.replace("sailor", '"${crew.first}"'),
        LOAD.replace("name: file", 'name: file, filter: "${crew}"'),
        LOAD.replace("name: file", "name: file, kind: archive"),
        LOAD.replace("name: file", "name: file, max_age_s: 5"),
        LOAD.replace("}}", "}, when: '${calm}'}"),
        f"{{cond: [{{when: '${{calm}}', then: [{LOAD}]}}]}}",
        LOAD.replace("load_snapshot", "watch"),
    ],
)
def test_res_058_other_loads_are_left_alone(load: str) -> None:
    assert not is_ahead(load)


def test_res_058_loads_that_are_alike_are_fetched_once() -> None:
    other = LOAD.replace("sailor", "captain")
    listing = abml.compile(text(LOAD, LOAD.replace("file", "again"), other)).disassemble()
    assert listing.count("fetched before the loop") == 2
    assert listing.count("captain of each element") == 1
