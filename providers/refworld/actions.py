"""The actions that documents can do in a world: one table, from which handlers and manifest are made.

    abml.run(document, handlers=handlers(world), manifest=manifest())

Things are named by key or id. What cannot be done fails the action with
`_error.message` and `_error.status_code`, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from abml.suggest import nearest
from abml.vm.actions import Action, ActionContext

from . import changes, journeys, memories, queries, resources, tales
from .world import Refused, RefWorld

_NOTHING: Any = object()

Handler = Callable[[Action, ActionContext], Any]


class Param(NamedTuple):
    """A parameter; one without default is required."""

    type: str = "any"
    default: Any = _NOTHING


class WorldAction(NamedTuple):
    """One action.

    Attributes:
        perform: called with the world and the completed parameters.
        result: type text of what it gives; None for nothing.
        route: path under which documents may `call` it.
    """

    name: str
    about: str
    params: Mapping[str, Param]
    perform: Callable[[RefWorld, dict[str, Any]], Any]
    result: str | None = None
    route: str | None = None


_CHARACTER, _TEXT, _NUMBER = Param("string"), Param("string"), Param("float")


def _optional(kind: str, default: Any = None) -> Param:
    return Param(kind, default)


def _start_storyline(world: RefWorld, given: dict[str, Any]) -> dict[str, Any]:
    if given["dry_run"]:
        scenario, keys = tales.cast(world, given["scenario"], given["roles"])
        return {"id": None, "scenario": scenario.key, "phase": scenario.phases[0], "roles": _ids(world, keys)}
    tale = tales.start_storyline(world, given["scenario"], given["roles"])
    return {"id": tale.id, "scenario": tale.scenario, "phase": tale.phase, "roles": _ids(world, tale.roles)}


def _ids(world: RefWorld, keys: Mapping[str, str]) -> dict[str, str]:
    return {role: world.characters[key].id for role, key in keys.items()}


def _start_journey(world: RefWorld, given: dict[str, Any]) -> dict[str, Any]:
    journey = journeys.start_journey(world, given["character"], given["place"], given["mode"])
    return {"mode": journey.mode, "hours": (journey.arrives - journey.started) / 3600}


def _held(world: RefWorld, given: dict[str, Any], table: str) -> int:
    kind = world.find(table, given["currency" if table == "currencies" else "item"])
    who = changes.owner(world, given["owner"])
    return (who.purse if table == "currencies" else who.bag).get(kind.key, 0)


ACTIONS: dict[str, WorldAction] = {
    one.name: one
    for one in (
        WorldAction(
            "give_item",
            "Things change hands; gives how many are left.",
            {"from": _TEXT, "to": _TEXT, "item": _TEXT, "count": _optional("int", 1)},
            lambda w, p: changes.give_item(w, p["from"], p["to"], p["item"], p["count"]),
            "int",
        ),
        WorldAction(
            "transfer_money",
            "Coins change hands; gives how many are left.",
            {"from": _TEXT, "to": _TEXT, "currency": _TEXT, "amount": Param("int")},
            lambda w, p: changes.transfer_money(w, p["from"], p["to"], p["currency"], p["amount"]),
            "int",
        ),
        WorldAction(
            "get_balance",
            "How many coins somebody has at this moment.",
            {"owner": _TEXT, "currency": _TEXT},
            lambda w, p: _held(w, p, "currencies"),
            "int",
            "/currency/balance/get",
        ),
        WorldAction(
            "count_items",
            "How many of an item somebody has at this moment.",
            {"owner": _TEXT, "item": _TEXT},
            lambda w, p: _held(w, p, "items"),
            "int",
            "/inventory/count",
        ),
        WorldAction(
            "move_character",
            "Somebody is somewhere else at once.",
            {"character": _CHARACTER, "place": _TEXT},
            lambda w, p: changes.move_character(w, p["character"], p["place"]),
        ),
        WorldAction(
            "start_journey",
            "Somebody sets out and arrives when the time has come; gives mode and hours.",
            {"character": _CHARACTER, "place": _TEXT, "mode": _optional("string")},
            _start_journey,
            "map",
        ),
        WorldAction(
            "meet",
            "An encounter that its participants remember; gives its id.",
            {
                "participants": Param("list"),
                "kind": _optional("string", "talk"),
                "sentiment": _optional("float", 0.0),
                "outcome": _optional("string", ""),
                "place": _optional("string"),
            },
            lambda w, p: changes.meet(w, p["participants"], p["kind"], p["sentiment"], p["outcome"], p["place"]).id,
            "string",
        ),
        WorldAction(
            "set_relationship",
            "How one stands to another.",
            {"from": _CHARACTER, "to": _CHARACTER, "kind": _TEXT, "strength": _NUMBER},
            lambda w, p: changes.set_relationship(w, p["from"], p["to"], p["kind"], p["strength"]).id,
            "string",
        ),
        WorldAction(
            "evolve_personality",
            "An axis of a personality moves; gives where it is now.",
            {"character": _CHARACTER, "trait": _TEXT, "delta": _NUMBER},
            lambda w, p: changes.evolve_personality(w, p["character"], p["trait"], p["delta"]),
            "float",
        ),
        WorldAction(
            "record_history",
            "Somebody had a part in something.",
            {"character": _CHARACTER, "event": _TEXT, "role": _TEXT, "significance": _optional("float", 0.5)},
            lambda w, p: changes.record_history(w, p["character"], p["event"], p["role"], p["significance"]),
        ),
        WorldAction(
            "join_faction",
            "Somebody becomes a member.",
            {
                "character": _CHARACTER,
                "faction": _TEXT,
                "role": _optional("string", "member"),
                "rank": _optional("int", 0),
            },
            lambda w, p: changes.join_faction(w, p["character"], p["faction"], p["role"], p["rank"]),
        ),
        WorldAction(
            "leave_faction",
            "Somebody is a member no longer.",
            {"character": _CHARACTER, "faction": _TEXT},
            lambda w, p: changes.leave_faction(w, p["character"], p["faction"]),
        ),
        WorldAction(
            "add_obligation",
            "Somebody owes something; gives its id.",
            {
                "character": _CHARACTER,
                "terms": _TEXT,
                "to": _optional("string"),
                "kind": _optional("string", "contract"),
                "costs": _optional("map"),
            },
            lambda w, p: changes.bind(w, p["character"], p["terms"], p["to"], p["kind"], p["costs"]).id,
            "string",
        ),
        WorldAction(
            "settle_obligation",
            "An obligation ends fulfilled, breached or lapsed.",
            {"obligation": _TEXT, "state": _optional("string", "fulfilled")},
            lambda w, p: changes.settle(w, p["obligation"], p["state"]),
        ),
        WorldAction(
            "start_storyline",
            "A scenario begins to be told; with `dry_run` it is only looked whether it could.",
            {"scenario": _TEXT, "roles": Param("map"), "dry_run": _optional("bool", False)},
            _start_storyline,
            "map",
        ),
        WorldAction(
            "advance_storyline",
            "A storyline goes on; gives its phase.",
            {"storyline": _TEXT, "phase": _optional("string")},
            lambda w, p: tales.advance_storyline(w, p["storyline"], p["phase"]),
            "string",
        ),
        WorldAction(
            "end_storyline",
            "A storyline ends.",
            {"storyline": _TEXT, "state": _optional("string", "ended"), "outcome": _optional("string", "")},
            lambda w, p: tales.end_storyline(w, p["storyline"], p["state"], p["outcome"]),
        ),
        WorldAction(
            "start_quest",
            "Somebody is given a quest; gives its id.",
            {"character": _CHARACTER, "quest": _TEXT, "giver": _optional("string")},
            lambda w, p: tales.start_quest(w, p["character"], p["quest"], p["giver"]).id,
            "string",
        ),
        WorldAction(
            "advance_quest",
            "Something is done for an objective; gives the state of the quest.",
            {"quest": _TEXT, "objective": _TEXT, "by": _optional("int", 1)},
            lambda w, p: tales.advance_quest(w, p["quest"], p["objective"], p["by"]),
            "string",
        ),
        WorldAction(
            "end_quest",
            "A quest ends completed, failed or abandoned.",
            {"quest": _TEXT, "state": _optional("string", "abandoned")},
            lambda w, p: tales.end_quest(w, p["quest"], p["state"]),
        ),
        WorldAction(
            "kill_character",
            "Somebody dies.",
            {"character": _CHARACTER, "cause": _optional("string", ""), "by": _optional("string")},
            lambda w, p: changes.kill_character(w, p["character"], p["cause"], p["by"]),
        ),
        WorldAction(
            "compress_character",
            "Somebody dead is archived; with `delete` nothing else is left. Gives version and id of the archive.",
            {"character": _CHARACTER, "delete": _optional("bool", False)},
            lambda w, p: resources.summary(resources.compress(w, p["character"], delete=p["delete"])),
            "map",
        ),
        WorldAction(
            "query_characters",
            "Characters of realms that pass all filters.",
            {
                "realmIds": _optional("any"),
                "filters": _optional("map"),
                "limit": _optional("int"),
                "offset": _optional("int", 0),
            },
            lambda w, p: queries.query_characters(w, p["realmIds"], p["filters"], p["limit"], p["offset"]),
            "list",
            "/character/query",
        ),
        WorldAction(
            "query_relationships",
            "How somebody stands to others, the strongest feelings first.",
            {"character": _CHARACTER, "limit": _optional("int")},
            lambda w, p: queries.query_relationships(w, p["character"], p["limit"]),
            "list",
            "/relationship/query",
        ),
        WorldAction(
            "query_scenarios",
            "Scenarios by weight.",
            {
                "genre": _optional("string"),
                "topic": _optional("string"),
                "character": _optional("string"),
                "limit": _optional("int"),
            },
            lambda w, p: queries.query_scenarios(w, p["genre"], p["topic"], p["character"], p["limit"]),
            "list",
            "/scenario/query",
        ),
        WorldAction(
            "query_archives",
            "Archives by type and realm, the latest first.",
            {
                "resourceType": _optional("string", "character"),
                "realmId": _optional("string"),
                "limit": _optional("int"),
            },
            lambda w, p: resources.query_archives(w, p["resourceType"], p["realmId"], p["limit"]),
            "list",
            "/resource/query-archives",
        ),
    )
}
"""Every action of a world by name."""


def handlers(world: RefWorld, shelf: memories.Shelf | None = None) -> dict[str, Handler]:
    """The handlers of all actions, for `handlers=` of `abml.run` and for an `ActionRegistry`.

    Args:
        shelf: where `remember`, `recall` and `forget` keep what they are told; None: a new one.
    """
    made = {name: _handler(world, one) for name, one in ACTIONS.items()}
    return {**made, **memories.handlers(memories.Shelf() if shelf is None else shelf)}


def _handler(world: RefWorld, one: WorldAction) -> Handler:
    def handle(action: Action, context: ActionContext) -> Any:
        return one.perform(world, completed(one, action.params))

    return handle


def completed(one: WorldAction, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of an action with its defaults.

    Raises:
        Refused: one is missing, or there is none of that name.
    """
    for name in given:
        if name not in one.params:
            close = nearest(name, one.params)
            hint = f"did you mean '{close}'?" if close is not None else f"they are {', '.join(one.params)}"
            raise Refused(f"{one.name} has no parameter '{name[:60]}'; {hint}", status_code=400)
    made = {}
    for name, param in one.params.items():
        value = given.get(name)
        if value is None:
            if param.default is _NOTHING:
                raise Refused(f"{one.name} needs '{name}'", status_code=400)
            value = param.default
        made[name] = value
    return made


def manifest() -> dict[str, Any]:
    """The host manifest (language, appendix B) of all actions and routes."""
    actions: dict[str, Any] = {}
    for one in ACTIONS.values():
        params: dict[str, Any] = {}
        for name, param in one.params.items():
            params[name] = {"type": param.type, "required": param.default is _NOTHING}
        actions[one.name] = {"params": params, "open": False}
        if one.result is not None:
            actions[one.name]["result"] = one.result
    return {
        "routes": {one.route: one.name for one in ACTIONS.values() if one.route is not None},
        "actions": {**actions, **memories.MANIFEST},
    }
