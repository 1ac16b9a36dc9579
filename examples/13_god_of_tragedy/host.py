"""The valley, its people, and what sits above it: `python host.py [SEED] [TICKS]` tells what happened."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import abml
from abml.providers.refworld.actions import manifest
from abml.providers.refworld.changes import kill_character
from abml.providers.refworld.events import Event
from abml.providers.refworld.generator import populate
from abml.providers.refworld.library import TEMPLATES
from abml.providers.refworld.loading import load
from abml.providers.refworld.stage import ACTIONS, Stage
from abml.registries import read_registry

HERE = Path(__file__).parent
PEOPLE = 200
DROWNING = 7
"""The tick before which the river takes somebody."""


def compiled(name: str) -> abml.Program:
    described = manifest()
    described["actions"].update(ACTIONS)
    return abml.compile(HERE / name, templates=read_registry(TEMPLATES), manifest=described)


def valley(seed: int, **given: object) -> Stage:
    """Two hundred people, and a god that has not looked at them yet; it begins with the given values."""
    world = load(HERE / "valley.yml")
    populate(world, "aldermoor", PEOPLE - len(world.characters), seed)
    stage = Stage(world, seed=seed, world_s=6 * 3600)
    mortal = compiled("mortal.abml.yml")

    def wake(event: Event) -> None:
        """Whoever gets a part in a story gets an actor."""
        who = world.character(event.payload["characterId"])
        if event.payload["state"] == "active" and who.key not in stage.roles:
            stage.enter(who.key, mortal, who.key, scope={"me": who.id, "name": who.name})

    world.events.subscribe("storyline.updated", wake)
    stage.enter("god", compiled("god.abml.yml"), scope={"realm": world.realm("aldermoor").id, **given})
    return stage


def drown(stage: Stage) -> str:
    """The river takes somebody whom many know and who is in no story; the name."""
    world = stage.world
    free = [one for one in world.characters.values() if one.is_alive and not world.storylines_of(one.key)]
    known = Counter(link.to for link in world.relationships.values())
    lost = max(free, key=lambda one: known[one.key])
    kill_character(world, lost.key, "the river")
    return lost.name


def tell(stage: Stage, ticks: int) -> None:
    """Let it happen, and print it."""
    world = stage.world
    for number in range(ticks):
        if number == DROWNING:
            print(f"--- The river takes {drown(stage)}.")
        when = world.calendar.text(world.now)
        for name, records in stage.tick().items():
            for record in records.logs:
                mark = "  " if name == "god" else "      "
                print(f"{when}{mark}{record.message}")
                when = " " * len(when)


def main(seed: int = 7, ticks: int = 13) -> None:
    stage = valley(seed)
    print(f"{len(stage.world.characters)} people in {stage.world.realm('aldermoor').name}, seed {seed}")
    tell(stage, ticks)
    print(f"The god remembers {stage.shelf.recall('god', 'lament')['name']}.")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
