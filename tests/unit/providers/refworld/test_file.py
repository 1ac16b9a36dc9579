"""Worlds from YAML and back: nothing half-loaded, every mistake told with its place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import abml
from abml.providers.refworld import WorldError, dumps, load, loads, save
from abml.providers.refworld.findings import FINDINGS
from abml.providers.refworld.generator import generate
from abml.providers.refworld.model import KINDS, TABLES

from .support import VILLAGE, village


def mistakes(text: str) -> list[tuple[str, int, str]]:
    """(code, line, sentence) of everything that is wrong."""
    with pytest.raises(WorldError) as caught:
        loads(text, "w.yml")
    assert isinstance(caught.value, abml.AbmlError)
    found = caught.value.diagnostics
    assert all(diag.span.path == "w.yml" and diag.source_line is not None for diag in found)
    assert all(diag.help for diag in found if diag.code in FINDINGS)
    return [(diag.code, diag.span.line, diag.message) for diag in found]


def test_a_world_reads_back_as_it_was(tmp_path: Path) -> None:
    world = village()
    save(world, tmp_path / "w.yml")
    again = load(tmp_path / "w.yml")
    assert again == world
    assert dumps(again) == dumps(world)


@settings(max_examples=4, deadline=None)
@given(st.integers(0, 2**63), st.integers(0, 40))
def test_a_generated_world_reads_back_as_it_was(seed: int, count: int) -> None:
    world = generate(seed, count)
    text = dumps(world)
    again = loads(text)
    assert again == world
    assert dumps(again) == text


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=30))
def test_every_text_survives(name: str) -> None:
    world = village()
    world.characters["ada"].name = name
    try:
        name.encode()
    except UnicodeEncodeError:
        return
    assert loads(dumps(world)).characters["ada"].name == name


def test_keys_give_ids() -> None:
    world = village()
    ada = world.character("ada")
    assert world.character(ada.id) is ada
    assert world.character(ada.id.upper()) is ada
    assert ada.id == village().character("ada").id
    assert ada.id != loads(VILLAGE.replace("name: Village", "name: Other")).character("ada").id


def test_many_mistakes_are_told_at_once() -> None:
    text = VILLAGE.replace("place: dock, born", "plaice: dock, born").replace("loyalty: 0.8", "loyalty: 8")
    text = text.replace("to: bo, kind: friend", "to: bow, kind: friend").replace("312-04-10 10:00", "312-04-40")
    found = mistakes(text)
    assert sorted({code for code, _, _ in found}) == ["ABMLW102", "ABMLW103", "ABMLW106", "ABMLW107", "ABMLW201"]
    line = next(n for n, row in enumerate(text.splitlines(), 1) if "to: bow" in row)
    assert ("ABMLW201", line, "relationships.r1.to: there is no character 'bow'") in found


CASES = {
    "ABMLW101": ("characters: {ada: 3}", "characters.ada: expected a mapping, found 3"),
    "ABMLW102": ("charcters: {}", "the file has no key 'charcters'"),
    "ABMLW103": ("realms: {moor: {}}", "realms.moor needs 'name'"),
    "ABMLW104": ("realms: {moor: {name: A}, moor: {name: B}}", "'moor' stands in realms twice"),
    "ABMLW105": ("realms: {the moor: {name: A}}", "'the moor' cannot name anything in realms"),
    "ABMLW106": ("realms: {moor: {name: A, hour_offset: 900}}", "realms.moor.hour_offset: 900 is not allowed"),
    "ABMLW107": ("world: {now: 312-99-01}", "world.now: there is no month 99; the year has 12"),
    "ABMLW201": (
        "realms: {moor: {name: A}}\nplaces: {mill: {name: M, realm: more}}",
        "places.mill.realm: there is no realm 'more'",
    ),
    "ABMLW202": (
        "realms: {m: {name: A}}\nplaces: {a: {name: M, realm: m, inside: b}, b: {name: M, realm: m, inside: a}}",
        "places.a: it lies inside itself",
    ),
    "ABMLW203": (
        "currencies:\n  a: {name: A, id: 6f0d3c52-8a0e-5d7b-9c41-2f6b1c7e0a94}\n"
        "  b: {name: B, id: 6F0D3C52-8a0e-5d7b-9c41-2f6b1c7e0a94}",
        "currencies.b: currencies.a has the id 6f0d3c52-8a0e-5d7b-9c41-2f6b1c7e0a94 too",
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_every_finding(code: str) -> None:
    text, message = CASES[code]
    assert (code, message) in [(found, said) for found, _, said in mistakes(text)]


def test_every_finding_has_a_case(monkeypatch: pytest.MonkeyPatch) -> None:
    assert set(FINDINGS) == {*CASES, "ABMLW301"}
    monkeypatch.setattr("abml.providers.refworld.loading.MAX_ENTRIES", 1)
    assert mistakes("realms: {a: {name: A}, b: {name: B}}")[0][0] == "ABMLW301"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("r2: {of: bo, to: ada", "r2: {of: bo, to: bo"), "'bo' is related to itself"),
        (("participants: [ada, bo]", "participants: [ada, ada]"), "somebody takes part twice"),
        (("312-04-10 10:00", "312-05-10 10:00"), "it is in the future"),
        (("born: 290-05-02", "born: 390-05-02"), "the birth is after the death or after now"),
        (("died: 311-01-01", "died: 319-01-01"), "the death is in the future"),
        (("realm: isle, place: cove, born", "realm: moor, place: cove, born"), "the place 'cove' is in another realm"),
        (("bound_to: friend", "bound_to: foe"), "the role 'victim' is bound to 'foe'"),
        (("phases: [before, during, after]", "phases: [before, before]"), "it has a phase twice"),
        (("{km: 2}", "{km: 2}, mill: {km: 1}"), "it has a way to itself"),
        (("inside: mill}", "inside: cove}"), "it lies in a place of another realm"),
        (("o1: {of: ada, to: bo", "o1: {of: ada, to: ada"), "'ada' owes it to itself"),
    ],
)
def test_contradictions(change: tuple[str, str], said: str) -> None:
    assert change[0] in VILLAGE
    found = mistakes(VILLAGE.replace(*change))
    assert [code for code, _, _ in found] == ["ABMLW202"]
    assert said in found[0][2]


@pytest.mark.parametrize("text", ["[", "a: [", "\t- x", "- 1", "3", "a: &x [*x]", "{" * 500, "world: {name: 'a"])
def test_what_is_no_world_at_all(text: str) -> None:
    mistakes(text)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_are_refused_or_read(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(VILLAGE) - 1))
    size = data.draw(st.integers(0, 12))
    text = VILLAGE[:at] + data.draw(st.text(alphabet="{}[]:,- \n'\"0a&*%", max_size=4)) + VILLAGE[at + size :]
    try:
        world = loads(text)
    except WorldError as error:
        assert error.diagnostics
    else:
        assert loads(dumps(world)) == world


def test_every_field_is_read_and_written() -> None:
    """No record has a field that the file does not know."""
    for name, cls in TABLES.items():
        assert set(KINDS[name].fields) == set(cls.__dataclass_fields__) - {"key"}


def test_the_page_lists_every_finding() -> None:
    page = Path(__file__).resolve().parents[4] / "docs/reference-world.md"
    listed = dict(re.findall(r"^\| (ABMLW\d+) \| (.*) \|$", page.read_text("utf-8"), re.MULTILINE))
    assert listed == {code: finding.title for code, finding in FINDINGS.items()}
