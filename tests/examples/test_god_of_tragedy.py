"""The god of tragedy (examples/13): it finds, weighs, chooses and steers, and the same world gives the same victim."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import abml
from abml.providers.refworld.changes import kill_character
from abml.providers.refworld.consistency import contradictions
from abml.providers.refworld.library import TEMPLATES
from abml.providers.refworld.model import Character, Element, Relationship
from abml.providers.refworld.stage import Stage
from abml.registries import read_registry

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "examples/13_god_of_tragedy"


@pytest.fixture(scope="module")
def host() -> ModuleType:
    spec = importlib.util.spec_from_file_location("god_host", FOLDER / "host.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ticked(stage: Stage, ticks: int) -> list[str]:
    """What the god said."""
    return [str(one.message) for _ in range(ticks) for one in stage.tick()["god"].logs]


def plant(stage: Stage, key: str, traits: dict[str, float], **more: Any) -> Character:
    """Somebody who stands out, with one friend."""
    world = stage.world
    made = Character(key, name=key.title(), realm="aldermoor", place="sedge-quay", born=9_000_000_000, traits=traits)
    for name, value in more.items():
        setattr(made, name, value)
    world.add("characters", made)
    link = Relationship(f"{key}-friend", of=key, to="leof-tarn", kind="friend", strength=1.0)
    world.add("relationships", link)
    return made


def victim(stage: Stage) -> str:
    """The key of whoever has the first role of the story that is told."""
    tale = next(reversed(stage.world.storylines.values()))
    return next(iter(tale.roles.values()))


PURE = {"loyalty": 1.0, "honesty": 1.0, "neuroticism": 1.0}
WOUNDS = [Element(type=kind, key="x", value="x", strength=1.0) for kind in ("trauma", "fear", "secret")]


def test_the_same_seed_gives_the_same_story(host: ModuleType) -> None:
    stories = []
    for seed in (7, 7, 8):
        stage = host.valley(seed)
        stories.append((ticked(stage, 4), victim(stage), stage.world.totals()))
        assert list(contradictions(stage.world)) == []
    assert stories[0] == stories[1]
    assert stories[0][1] != stories[2][1]


def test_res_001_it_decides_about_strangers(host: ModuleType) -> None:
    """Characters that came after the document was compiled are scored by snapshots, and one of them is chosen."""
    stage = host.valley(7)
    for number in range(10):
        share = number / 20
        traits = {"loyalty": 0.5 + share, "honesty": 0.5 + share, "neuroticism": 0.5 + share}
        plant(stage, f"stranger-{number}", traits, backstory=WOUNDS)
    said = ticked(stage, 1)
    weighed = next(line for line in said if line.startswith("Weighs"))
    assert "Stranger-9" in weighed and "Stranger-8" in weighed
    assert victim(stage) == "stranger-9"
    assert stage.library.sources["character-history"].count > 100


def test_res_002_scenarios_first_finds_the_planted_match(host: ModuleType) -> None:
    """The heaviest story wants loyalty, honesty and a thin skin; in the even tick the god looks for who fits it."""
    # At the age of 1 the next thought is the scenarios-first one.
    stage = host.valley(7, age=1)
    plant(stage, "planted", PURE, backstory=[])
    said = ticked(stage, 1)
    assert "Wants to tell 'The Borrowed House', and thinks of Planted (1.6)." in said
    assert victim(stage) == "planted"


def test_res_003_characters_first_finds_the_planted_match(host: ModuleType) -> None:
    """The ripest of all is found first, and a story that fits them afterwards."""
    stage = host.valley(7)
    plant(stage, "planted", PURE, backstory=WOUNDS)
    said = ticked(stage, 1)
    weighed = next(number for number, line in enumerate(said) if line.startswith("Weighs"))
    assert "Planted" in said[weighed].split(",")[0]
    assert said[weighed + 1].startswith("'The Borrowed House': Planted of Sedge Quay, by the hand of Leof Tarn")


def test_res_004_an_event_starts_a_scenario_within_one_cycle(host: ModuleType) -> None:
    stage = host.valley(7, rest=99)
    before = set(stage.world.storylines)
    ticked(stage, 1)
    assert set(stage.world.storylines) == before
    hated = {"aggression": 1.0, "loyalty": 1.0}
    plant(stage, "planted", hated, backstory=WOUNDS)
    world = stage.world
    world.add("relationships", Relationship("planted-kin", of="planted", to="berthe-kroll", kind="kin", strength=0.9))
    kill_character(world, "berthe-kroll", "the fourth oar", by="leof-tarn")
    said = ticked(stage, 1)
    assert any(line.startswith("A death") for line in said)
    (key,) = set(world.storylines) - before
    tale = world.storylines[key]
    assert (tale.scenario, tale.roles) == ("the-fourth-oar", {"avenger": "planted", "ferryman": "leof-tarn"})


def test_deaths_that_come_too_early_are_kept(host: ModuleType) -> None:
    stage = host.valley(7)
    ticked(stage, 1)
    first = victim(stage)
    host.drown(stage)
    said = ticked(stage, 9)
    assert any(line.startswith("A death") for line in said)
    assert victim(stage) != first


def test_it_steers_and_the_world_changes(host: ModuleType) -> None:
    """Commands reach the mortals; money, ties, memories and axes are others afterwards, and no penny is lost."""
    stage = host.valley(7)
    before = stage.world.totals()
    ticked(stage, 1)
    key = victim(stage)
    loyalty = stage.world.characters[key].traits["loyalty"]
    said = ticked(stage, 6)
    world = stage.world
    tale = next(reversed(world.storylines.values()))
    assert tale.state == "ended" and tale.outcome.startswith(world.characters[key].name)
    assert world.totals() == before
    assert world.characters[key].purse == {}
    assert world.characters[key].traits["loyalty"] == pytest.approx(loyalty - 0.5)
    assert any(one.kind == "enemy" for one in world.relationships_of(key))
    assert stage.shelf.recall("god", "lament")["name"] == world.characters[key].name
    assert any(line.startswith("It was") for line in said)


def test_a_victim_that_dies_ends_the_story(host: ModuleType) -> None:
    stage = host.valley(7)
    ticked(stage, 2)
    kill_character(stage.world, victim(stage), "a cold night")
    assert any("is beyond its reach" in line for line in ticked(stage, 2))


def test_res_055_it_compiles_and_its_forbidden_paths_do_not() -> None:
    """Both documents check clean against the registry; the two forbidden paths are refused at their columns."""
    registry = read_registry(FOLDER / "templates.yml")
    for name in ("god.abml.yml", "mortal.abml.yml"):
        assert [str(one) for one in abml.check(FOLDER / name, templates=registry) if one.severity != "info"] == []
    for name, code, place, step in (
        ("undeclared", "ABML402", (16, 72), "history"),
        ("misspelled", "ABML403", (15, 46), "loyality"),
    ):
        path = FOLDER / "forbidden" / f"{name}.yml"
        found = [one for one in abml.check(path, templates=registry) if one.severity == "error"]
        assert [(one.code, (one.span.line, one.span.column)) for one in found] == [(code, place)]
        line = path.read_text("utf-8").splitlines()[place[0] - 1]
        assert line[place[1] - 1 : found[0].span.end_column - 1] == step
        with pytest.raises(abml.CompileError):
            abml.compile(path, templates=registry)


def test_templates_of_the_example_are_those_of_the_world() -> None:
    there = {spec.type: (dict(spec.paths), spec.namespace) for spec in read_registry(FOLDER / "templates.yml")}
    assert there == {spec.type: (dict(spec.paths), spec.namespace) for spec in read_registry(TEMPLATES)}
