"""What is left of a character: references, the cascade, the archive."""

from __future__ import annotations

import pytest

from abml.providers.refworld import Refused
from abml.providers.refworld.changes import kill_character
from abml.providers.refworld.consistency import contradictions
from abml.providers.refworld.model import Relationship
from abml.providers.refworld.records import SOURCES
from abml.providers.refworld.resources import compress, delete_character, query_archives, references
from abml.providers.refworld.tales import start_quest, start_storyline
from abml.providers.snapshots.codec import decode

from .support import village


def test_res_009_references_cascade_and_archive() -> None:
    """A character with all kinds of dependents: counted, archived whole, deleted in the order of dependence."""
    world = village()
    start_storyline(world, "fall", {"victim": "ada", "friend": "bo"})
    start_quest(world, "bo", "flour", "ada")
    before = references(world, "ada")
    assert before == {
        "quest_runs": 1, "storylines": 1, "encounters": 2, "obligations": 1, "relationships": 2, "factions": 1,
    }  # fmt: skip
    kill_character(world, "ada", "fever")
    totals = world.totals()
    ada = world.character("ada")
    archive = compress(world, "ada", delete=True)

    dependents = ["quest-record", "storyline-record", "encounter-record", "obligation-record", "relationship-record"]
    found = [entry.source_type for entry in archive.entries]
    # Nobody but Ada had a quest; the one she gave goes on.
    assert found == [*(source.source_type for source in SOURCES), *dependents[1:]]
    records = {entry.source_type: decode(entry.data, entry.checksum) for entry in archive.entries}
    assert records["character-base"]["relationships"][0]["name"] == "Bo"
    assert records["storyline"]["participations"][0]["role"] == "victim"
    assert records["character-history"]["participations"][0]["role"] == "rescuer"
    assert records["character-encounter"]["count"] == 2

    assert "ada" not in world.characters
    assert world.owner_of_id(ada.id) is None
    assert world.totals() == totals
    assert list(contradictions(world)) == []
    assert world.encounters["e2"].participants == ["bo", "di"]
    assert world.encounters_of("bo") == [world.encounters["e2"]]
    topics = [event.topic for event in world.events.kept]
    assert topics[-2:] == ["character.deleted", "resource.compressed"]


def test_the_order_of_deletion() -> None:
    """First what goes with a character, then what goes on without it, then the character."""
    world = village()
    start_quest(world, "ada", "flour")
    start_quest(world, "bo", "flour", "ada")
    kill_character(world, "ada")
    gone = delete_character(world, world.character("ada"))
    tables = list(dict.fromkeys(table for table, _ in gone))
    assert tables == ["quest_runs", "encounters", "obligations", "relationships", "factions", "characters"]
    assert [key for table, key in gone if table == "encounters"] == ["e1", "e2"]
    assert gone[-1] == ("characters", "ada")
    [left] = world.quest_runs.values()
    assert (left.of, left.giver) == ("bo", None)


def test_res_009_nothing_is_lost_with_a_character_who_had_much() -> None:
    """Sources list fifty of a kind; the archive has the others too before they are deleted."""
    world = village()
    for number in range(120):
        world.add("relationships", Relationship(key=f"x{number}", of="ada", to="bo", kind="creditor", strength=0.5))
    kill_character(world, "ada")
    count = references(world, "ada")["relationships"]
    archive = compress(world, "ada", delete=True)
    [entry] = [one for one in archive.entries if one.source_type == "relationship-record"]
    kept = decode(entry.data, entry.checksum)["items"]
    assert count > 120 and len(kept) == count
    [seventh] = [one["entry"] for one in kept if one["id"] == "x7"]
    assert (seventh["of"], seventh["to"], seventh["kind"], seventh["strength"]) == ("ada", "bo", "creditor", 0.5)
    assert all(one["entry"]["of"] == "ada" or one["entry"]["to"] == "ada" for one in kept)
    assert list(contradictions(world)) == []


def test_archives_have_versions() -> None:
    world = village()
    first = compress(world, "di")
    second = compress(world, "di")
    assert (first.version, second.version) == (1, 2)
    assert first.bundle_id != second.bundle_id
    found = query_archives(world, "character", "moor")
    assert [(one["name"], one["version"]) for one in found] == [("Di", 2)]
    assert query_archives(world, "character", "isle") == []
    assert query_archives(world, "quest") == []


def test_the_living_are_not_archived() -> None:
    with pytest.raises(Refused, match="Ada is alive"):
        compress(village(), "ada")
