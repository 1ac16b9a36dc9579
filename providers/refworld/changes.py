"""What can be done to things and characters of a world: handing over, moving, meeting, living, dying.

Every change looks first at everything it needs and raises `Refused` before it
touches anything, so that a refused change leaves the world as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from abml.suggest import nearest

from .model import TRAITS, Character, Encounter, Entry, Faction, Member, Obligation, Participation, Place, Relationship
from .world import Refused, RefWorld

OWNERS = ("characters", "places", "factions")
MAX_AMOUNT = 10**12
MAX_PARTICIPANTS = 50


def owner(world: RefWorld, given: object) -> Character | Place | Faction:
    """Who can have something: a character, place or faction by key or id.

    Raises:
        Refused: there is none, or the key names several.
    """
    found = [world.table(name)[given] for name in OWNERS if isinstance(given, str) and given in world.table(name)]
    if len(found) == 1:
        one: Character | Place | Faction = found[0]
        return one
    if found:
        raise Refused(f"'{given}' is the key of several things; name one by its id", status_code=409)
    at = world.owner_of_id(given.lower()) if isinstance(given, str) else None
    if at is not None and at[0] in OWNERS:
        by_id: Character | Place | Faction = world.table(at[0])[at[1]]
        return by_id
    shown = f"'{given[:60]}'" if isinstance(given, str) else type(given).__name__
    keys = [key for name in OWNERS for key in world.table(name)]
    close = nearest(given, keys) if isinstance(given, str) and len(keys) <= 5_000 else None
    hint = f"; did you mean '{close}'?" if close is not None else ""
    raise Refused(f"there is no character, place or faction {shown}{hint}", status_code=404)


def amount_of(given: object, name: str) -> int:
    """A count of things or coins.

    Raises:
        Refused: it is no whole number above zero.
    """
    whole = int(given) if isinstance(given, float) and given.is_integer() else given
    if isinstance(whole, bool) or not isinstance(whole, int) or not 1 <= whole <= MAX_AMOUNT:
        raise Refused(f"{name} is a whole number from 1 to {MAX_AMOUNT}, not {given!r:.60}", status_code=400)
    return whole


def unit_of(given: object, name: str) -> float:
    """A number -1..1; larger ones are cut off.

    Raises:
        Refused: it is no number.
    """
    if isinstance(given, bool) or not isinstance(given, int | float) or given != given:
        raise Refused(f"{name} is a number from -1 to 1, not {given!r:.60}", status_code=400)
    return float(min(max(given, -1.0), 1.0))


# ------------------------------------------------------------------ handing over


def transfer_money(world: RefWorld, source: object, target: object, currency: object, amount: object) -> int:
    """Take coins from one purse and put them into another.

    Returns:
        What is left in the first.

    Raises:
        Refused: somebody or the currency does not exist, or there is not enough.
    """
    return _hand_over(world, "currencies", source, target, currency, amount, "amount")


def give_item(world: RefWorld, source: object, target: object, item: object, count: object = 1) -> int:
    """Take things from one bag and put them into another.

    Returns:
        How many are left in the first.

    Raises:
        Refused: somebody or the item does not exist, or there are not enough.
    """
    return _hand_over(world, "items", source, target, item, count, "count")


def _hand_over(
    world: RefWorld, table: str, source: object, target: object, what: object, amount: object, name: str
) -> int:
    giver, taker = owner(world, source), owner(world, target)
    kind: Entry = world.find(table, what)
    wanted = amount_of(amount, name)
    topic = "currency.transferred" if table == "currencies" else "inventory.transferred"
    held = giver.purse if table == "currencies" else giver.bag
    there = taker.purse if table == "currencies" else taker.bag
    if held.get(kind.key, 0) < wanted:
        has = held.get(kind.key, 0)
        raise Refused(f"{giver.name} has {has} of '{kind.key}' and cannot give {wanted}", status_code=409)
    if there.get(kind.key, 0) > MAX_AMOUNT - wanted and giver is not taker:
        raise Refused(f"{taker.name} cannot hold more than {MAX_AMOUNT} of '{kind.key}'", status_code=409)
    _take(held, kind.key, wanted)
    there[kind.key] = there.get(kind.key, 0) + wanted
    world.publish(topic, fromId=giver.id, toId=taker.id, code=kind.key, amount=wanted)
    return held.get(kind.key, 0)


def _take(held: dict[str, int], code: str, amount: int) -> None:
    held[code] -= amount
    # An empty place in a purse is no place, or a world would differ from itself read back.
    if not held[code]:
        del held[code]


def drop_everything(world: RefWorld, character: Character) -> None:
    """Leave all that a character has at the place where it is."""
    place = world.places[character.place]
    for held, there in ((character.purse, place.purse), (character.bag, place.bag)):
        for code, amount in held.items():
            there[code] = there.get(code, 0) + amount
        held.clear()


# ------------------------------------------------------------------------- moving


def move_character(world: RefWorld, who: object, place: object) -> None:
    """Put a character somewhere at once; a journey ends there.

    Raises:
        Refused: it is dead, or there is no such character or place.
    """
    character, target = world.living(who), world.place(place)
    before = world.places[character.place]
    character.place, character.realm, character.journey = target.key, target.realm, None
    world.publish(
        "character.moved",
        characterId=character.id,
        fromId=before.id,
        placeId=target.id,
        realmId=world.realms[target.realm].id,
    )


# ------------------------------------------------------------------------ meeting


def meet(
    world: RefWorld,
    participants: object,
    kind: object = "talk",
    sentiment: object = 0.0,
    outcome: object = "",
    place: object = None,
) -> Encounter:
    """Record an encounter now; each participant hears of it by an event of its own.

    Args:
        participants: two or more, by key or id.
        sentiment: how it left them, -1..1.
        place: None: where the first is.

    Raises:
        Refused: somebody does not exist, is dead, or is named twice.
    """
    if isinstance(participants, str) or not isinstance(participants, Sequence):
        raise Refused("participants is a list of characters", status_code=400)
    if not 2 <= len(participants) <= MAX_PARTICIPANTS:
        raise Refused(
            f"an encounter has 2 to {MAX_PARTICIPANTS} participants, not {len(participants)}", status_code=400
        )
    found = [world.living(one) for one in participants]
    keys = [one.key for one in found]
    if len(set(keys)) != len(keys):
        raise Refused("somebody takes part in the encounter twice", status_code=400)
    at = world.places[found[0].place] if place is None else world.place(place)
    mood, word, text = unit_of(sentiment, "sentiment"), word_of(kind, "kind"), text_of(outcome, "outcome")
    key = world.new_key("encounters")
    made = Encounter(key, at=world.now, place=at.key, kind=word, participants=keys, sentiment=mood, outcome=text)
    world.add("encounters", made)
    ids = [one.id for one in found]
    for one in found:
        world.publish(
            "encounter.recorded",
            characterId=one.id,
            encounterId=made.id,
            kind=made.kind,
            sentiment=mood,
            participantIds=ids,
        )
    return made


def word_of(given: object, name: str) -> str:
    """A word such as the kind of something.

    Raises:
        Refused: it is none.
    """
    if not isinstance(given, str) or not given.replace("-", "").replace("_", "").isalnum() or not given.isascii():
        raise Refused(f"{name} is a word of letters and digits, not {given!r:.60}", status_code=400)
    if not given[0].isalpha() or len(given) > 100 or not given[-1].isalnum() or "--" in given or "__" in given:
        raise Refused(f"{name} is a word of letters and digits, not {given!r:.60}", status_code=400)
    return given


def text_of(given: object, name: str) -> str:
    """A text of at most 400 characters.

    Raises:
        Refused: it is none, or holds half of a surrogate pair, which no file can keep.
    """
    if not isinstance(given, str) or len(given) > 400 or any("\ud800" <= char <= "\udfff" for char in given):
        raise Refused(f"{name} is a text of at most 400 characters, not {given!r:.60}", status_code=400)
    return given


def set_relationship(world: RefWorld, of: object, to: object, kind: object, strength: object) -> Relationship:
    """Say how one character stands to another; a relationship of that kind is changed or begins.

    Raises:
        Refused: somebody does not exist or is dead, or both are one.
    """
    one, other = world.living(of), world.character(to)
    if one is other:
        raise Refused(f"{one.name} cannot be related to themselves", status_code=400)
    word, number = word_of(kind, "kind"), unit_of(strength, "strength")
    found = [link for link in world.relationships_of(one.key) if link.to == other.key and link.kind == word]
    if found:
        found[0].strength = number
        made = found[0]
    else:
        key = world.new_key("relationships")
        made = Relationship(key, of=one.key, to=other.key, kind=word, strength=number, since=world.now)
        world.add("relationships", made)
    world.publish("relationship.changed", characterId=one.id, toId=other.id, kind=word, strength=number)
    return made


# ------------------------------------------------------------------------- living


def evolve_personality(world: RefWorld, who: object, trait: object, delta: object) -> float:
    """Move one axis of a personality; it stays within -1..1.

    Returns:
        Where it is now.

    Raises:
        Refused: there is no such character or axis, or it is dead.
    """
    character = world.living(who)
    if trait not in TRAITS:
        close = nearest(trait, TRAITS) if isinstance(trait, str) else None
        hint = f"did you mean '{close}'?" if close is not None else f"they are {', '.join(TRAITS)}"
        raise Refused(f"there is no trait {trait!r:.60}; {hint}", status_code=404)
    before = character.traits.get(str(trait), 0.0)
    # Twelve digits, so that steps back and forth come to where they started.
    after = min(max(round(before + unit_of(delta, "delta"), 12), -1.0), 1.0)
    character.traits[str(trait)] = after
    world.publish("personality.evolved", characterId=character.id, trait=trait, before=before, after=after)
    return after


def record_history(world: RefWorld, who: object, event: object, role: object, significance: object = 0.5) -> None:
    """Let a character have had a part in something the realm remembers.

    Raises:
        Refused: there is no such character, or it is dead.
    """
    character = world.living(who)
    weight = abs(unit_of(significance, "significance"))
    part = Participation(event=text_of(event, "event"), role=word_of(role, "role"), significance=weight, at=world.now)
    character.participations.append(part)
    world.publish("history.recorded", characterId=character.id, event=part.event, role=part.role)


def join_faction(world: RefWorld, who: object, faction: object, role: object = "member", rank: object = 0) -> None:
    """Make a character a member of a faction, or change what it is there.

    Raises:
        Refused: it is dead, or there is no such character or faction.
    """
    character, found = world.living(who), world.find("factions", faction)
    if isinstance(rank, bool) or not isinstance(rank, int) or not 0 <= rank <= 100:
        raise Refused(f"rank is a whole number from 0 to 100, not {rank!r:.60}", status_code=400)
    found.members[character.key] = Member(role=word_of(role, "role"), rank=rank)
    world.publish("faction.updated", factionId=found.id, characterId=character.id, change="joined")


def leave_faction(world: RefWorld, who: object, faction: object) -> None:
    """End a membership.

    Raises:
        Refused: there is no such membership.
    """
    character, found = world.character(who), world.find("factions", faction)
    if character.key not in found.members:
        raise Refused(f"{character.name} is no member of {found.name}", status_code=409)
    del found.members[character.key]
    world.publish("faction.updated", factionId=found.id, characterId=character.id, change="left")


def bind(
    world: RefWorld, who: object, terms: object, to: object = None, kind: object = "contract", costs: Any = None
) -> Obligation:
    """Let a character owe something.

    Args:
        costs: kind of violation -> cost of breaking it, 0..1000.

    Raises:
        Refused: somebody does not exist or is dead, or a cost is none.
    """
    character = world.living(who)
    other = None if to is None else world.character(to)
    if other is character:
        raise Refused(f"{character.name} cannot owe themselves", status_code=400)
    if kind not in ("contract", "oath", "debt", "duty"):
        raise Refused(f"an obligation is a contract, oath, debt or duty, not {kind!r:.60}", status_code=400)
    given = {} if costs is None else costs
    if not isinstance(given, dict) or any(
        isinstance(cost, bool) or not isinstance(cost, int | float) or not 0 <= cost <= 1000 for cost in given.values()
    ):
        raise Refused("costs is a map of kinds of violations to numbers from 0 to 1000", status_code=400)
    kept = {word_of(key, "the violation"): float(cost) for key, cost in given.items()}
    text = text_of(terms, "terms")
    made = Obligation(
        world.new_key("obligations"),
        of=character.key,
        to=None if other is None else other.key,
        kind=str(kind),
        terms=text,
        costs=kept,
        since=world.now,
    )
    world.add("obligations", made)
    world.publish("obligation.updated", characterId=character.id, obligationId=made.id, state="active")
    return made


def settle(world: RefWorld, obligation: object, state: str) -> None:
    """End an obligation as `fulfilled`, `breached` or `lapsed`.

    Raises:
        Refused: it does not exist or is over.
    """
    found: Obligation = world.find("obligations", obligation)
    if state not in ("fulfilled", "breached", "lapsed"):
        raise Refused(f"an obligation ends fulfilled, breached or lapsed, not {state!r:.60}", status_code=400)
    if found.state != "active":
        raise Refused(f"the obligation is {found.state} already", status_code=409)
    found.state = state
    world.publish("obligation.updated", characterId=world.characters[found.of].id, obligationId=found.id, state=state)


def kill_character(world: RefWorld, who: object, cause: object = "", by: object = None) -> None:
    """Let a character die: it stays where it is, with what it has; what it was part of fails.

    Raises:
        Refused: it is dead already, or somebody does not exist.
    """
    from .tales import end_quest, end_storyline

    character = world.living(who)
    killer = None if by is None else world.character(by)
    character.cause = text_of(cause, "cause") or None
    character.died, character.journey = world.now, None
    world.publish(
        "character.died",
        characterId=character.id,
        realmId=world.realms[character.realm].id,
        placeId=world.places[character.place].id,
        cause=character.cause,
        byId=None if killer is None else killer.id,
    )
    for tale in world.storylines_of(character.key):
        end_storyline(world, tale.key, "failed", f"{character.name} is dead")
    for run in world.quests_of(character.key):
        end_quest(world, run.key, "failed")
    for owed in world.obligations_of(character.key):
        settle(world, owed.key, "lapsed")
