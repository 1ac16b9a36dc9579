"""Storylines and quests: how they begin, go on and end."""

from __future__ import annotations

from collections.abc import Mapping

from .calendar import HOUR
from .changes import amount_of, text_of
from .model import Quest, QuestRun, Scenario, Storyline
from .world import Refused, RefWorld


def cast(world: RefWorld, scenario: object, roles: object) -> tuple[Scenario, dict[str, str]]:
    """Who would play what: the scenario, and role -> key of a character.

    Raises:
        Refused: a role is missing or not of the scenario, somebody is dead, has
            two roles, or is in a storyline already, lacks what the role needs.
    """
    found: Scenario = world.find("scenarios", scenario)
    if not isinstance(roles, Mapping):
        raise Refused("roles is a map of roles to characters", status_code=400)
    if set(roles) != set(found.roles):
        raise Refused(f"'{found.key}' has the roles {', '.join(found.roles)}", status_code=400)
    players = {role: world.living(roles[role]) for role in found.roles}
    keys = {role: player.key for role, player in players.items()}
    if len(set(keys.values())) != len(keys):
        raise Refused("somebody has two roles", status_code=400)
    for role, player in players.items():
        if world.storylines_of(player.key):
            raise Refused(f"{player.name} is in a storyline already", status_code=409)
        needs = found.roles[role]
        lacking = [kind for kind in needs.needs if all(one.type != kind for one in player.backstory)]
        if lacking:
            raise Refused(f"{player.name} has no {lacking[0]} in the past, which '{role}' needs", status_code=409)
        bound = needs.bound_to
        if bound is not None and all(link.to != keys[bound] for link in world.relationships_of(player.key)):
            raise Refused(f"{player.name} has nothing to do with {players[bound].name}", status_code=409)
    return found, keys


def start_storyline(world: RefWorld, scenario: object, roles: object) -> Storyline:
    """Begin to tell a scenario with these characters.

    Raises:
        Refused: as for `cast`.
    """
    found, keys = cast(world, scenario, roles)
    tale = Storyline(
        world.new_key("storylines"), scenario=found.key, roles=keys, phase=found.phases[0], started=world.now
    )
    world.add("storylines", tale)
    _tell(world, tale)
    return tale


def advance_storyline(world: RefWorld, storyline: object, phase: object = None) -> str:
    """Go on to a phase, or to the next one; after the last one the storyline ends.

    Returns:
        The phase it is in now.

    Raises:
        Refused: it is over, or has no such phase.
    """
    tale = _running(world, storyline)
    phases = world.scenarios[tale.scenario].phases
    if phase is None:
        at = phases.index(tale.phase) + 1
        if at == len(phases):
            end_storyline(world, tale.key, "ended")
            return tale.phase
        phase = phases[at]
    if phase not in phases:
        raise Refused(f"'{tale.scenario}' has the phases {', '.join(phases)}", status_code=404)
    tale.phase = str(phase)
    _tell(world, tale)
    return tale.phase


def end_storyline(world: RefWorld, storyline: object, state: object = "ended", outcome: object = "") -> None:
    """End a storyline as `ended` or `failed`.

    Raises:
        Refused: it is over.
    """
    tale = _running(world, storyline)
    if state not in ("ended", "failed"):
        raise Refused(f"a storyline is ended or failed, not {state!r:.60}", status_code=400)
    tale.outcome = text_of(outcome, "outcome")
    tale.state, tale.ended = str(state), world.now
    _tell(world, tale)


def _running(world: RefWorld, storyline: object) -> Storyline:
    tale: Storyline = world.find("storylines", storyline)
    if tale.state != "active":
        raise Refused(f"the storyline is {tale.state} already", status_code=409)
    return tale


def _tell(world: RefWorld, tale: Storyline) -> None:
    for role, key in tale.roles.items():
        if key in world.characters:
            world.publish(
                "storyline.updated",
                characterId=world.characters[key].id,
                storylineId=tale.id,
                scenario=tale.scenario,
                role=role,
                phase=tale.phase,
                state=tale.state,
            )


def start_quest(world: RefWorld, who: object, quest: object, giver: object = None) -> QuestRun:
    """Give a character a quest.

    Raises:
        Refused: somebody or the quest does not exist, or the character is on it.
    """
    character, found = world.living(who), world.find("quests", quest)
    other = None if giver is None else world.character(giver)
    if any(run.quest == found.key for run in world.quests_of(character.key)):
        raise Refused(f"{character.name} is on '{found.key}' already", status_code=409)
    run = QuestRun(
        world.new_key("quest_runs"),
        quest=found.key,
        of=character.key,
        giver=None if other is None else other.key,
        started=world.now,
        ends=None if found.hours is None else world.now + found.hours * HOUR,
    )
    world.add("quest_runs", run)
    _tell_quest(world, run)
    return run


def advance_quest(world: RefWorld, run: object, objective: object, by: object = 1) -> str:
    """Do something for an objective; a quest whose objectives are all done is completed.

    Returns:
        The state of the quest.

    Raises:
        Refused: it is over, or has no such objective.
    """
    found = _open(world, run)
    quest: Quest = world.quests[found.quest]
    goal = quest.objectives.get(objective) if isinstance(objective, str) else None
    if goal is None:
        raise Refused(f"'{quest.key}' has the objectives {', '.join(quest.objectives)}", status_code=404)
    done = min(found.done.get(str(objective), 0) + amount_of(by, "by"), goal.needed)
    found.done[str(objective)] = done
    if all(found.done.get(name, 0) >= one.needed for name, one in quest.objectives.items()):
        found.state = "completed"
    _tell_quest(world, found)
    return found.state


def end_quest(world: RefWorld, run: object, state: object = "abandoned") -> None:
    """End a quest as `completed`, `failed` or `abandoned`.

    Raises:
        Refused: it is over.
    """
    found = _open(world, run)
    if state not in ("completed", "failed", "abandoned"):
        raise Refused(f"a quest ends completed, failed or abandoned, not {state!r:.60}", status_code=400)
    found.state = str(state)
    _tell_quest(world, found)


def _open(world: RefWorld, run: object) -> QuestRun:
    found: QuestRun = world.find("quest_runs", run)
    if found.state != "active":
        raise Refused(f"the quest is {found.state} already", status_code=409)
    return found


def _tell_quest(world: RefWorld, run: QuestRun) -> None:
    if run.of in world.characters:
        world.publish(
            "quest.updated",
            characterId=world.characters[run.of].id,
            questId=run.id,
            code=run.quest,
            state=run.state,
            done=dict(run.done),
        )
