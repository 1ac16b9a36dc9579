"""Actions: the parameters of every standard action, and the names that are special.

The tables follow language 8.2 to 8.7. The parser reads parameters by them, the
checker and the lowering read await mode and result from them, and the VM finds
defaults in them. A manifest of a host adds specs of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

# Named tuples, not dataclasses: these tables are read at every start, and
# `dataclasses` alone costs half the start of the interpreter.

_NOTHING: dict[str, Any] = {}


class ParamSpec(NamedTuple):
    """One parameter of an action.

    Attributes:
        context: how its scalars are read: `VA`, `TX`, `LI`, `DU` or `EX`.
        type: declared type text; `string` switches off reading texts as numbers.
        is_identifier: a literal must match the variable pattern (ABML508).
        is_dynamic: an LI parameter that also takes `${}`.
        is_list: a list of texts; one scalar counts as a list of one.
        unit: of a bare number in a DU parameter, `s` or `ms`.
        words: number for each word accepted in place of a number.
    """

    name: str
    context: str = "VA"
    type: str = "any"
    required: bool = False
    default: Any = None
    aliases: tuple[str, ...] = ()
    is_identifier: bool = False
    is_dynamic: bool = False
    is_list: bool = False
    unit: str = "s"
    words: Mapping[str, float] | None = None

    @property
    def is_string(self) -> bool:
        return self.type == "string"


class ActionFields(NamedTuple):
    """What is known of one action that the host performs.

    Attributes:
        params: by canonical name, in the order of the tables.
        primary: the parameter a scalar argument goes to; None means `value`.
        one_of: groups of parameters of which at least one must be there.
        open: unknown parameters are allowed (else ABML510).
        await_mode: `none`, `allowed` or `implicit`.
        awaits_with: the parameter with which an action awaits its answer like an implicit one.
        result: `optional` or `required` result variable.
        result_key: the canonical spelling of the result's key.
        result_default: variable that takes the result when none is named.
        result_identifier: the result's name must be an identifier (ABML508).
        missing_code: diagnostic number for a missing required parameter.
        names: every accepted spelling of a parameter -> its name; made from `params`.
    """

    name: str
    params: Mapping[str, ParamSpec] = _NOTHING
    primary: str | None = None
    one_of: tuple[tuple[str, ...], ...] = ()
    open: bool = True
    await_mode: str = "allowed"
    awaits_with: str | None = None
    result: str = "optional"
    result_key: str = "result_variable"
    result_default: str | None = None
    result_identifier: bool = False
    result_type: str = "any"
    missing_code: int = 507
    document_types: frozenset[str] = frozenset()
    deterministic: bool = True
    names: Mapping[str, str] = _NOTHING


class ActionSpec(ActionFields):
    """A spec with its table of parameter names; the fields are those of `ActionFields`."""

    __slots__ = ()

    def __new__(cls, *args: Any, **values: Any) -> ActionSpec:
        spec = super().__new__(cls, *args, **values)
        names = {name: name for name in spec.params}
        for param in spec.params.values():
            for alias in param.aliases:
                names.setdefault(alias, param.name)
        return spec._replace(names=names)


def _params(*specs: ParamSpec) -> dict[str, ParamSpec]:
    return {spec.name: spec for spec in specs}


def _any(name: str, **more: Any) -> ParamSpec:
    return ParamSpec(name, **more)


def _text(name: str, **more: Any) -> ParamSpec:
    return ParamSpec(name, type="string", **more)


def _number(name: str, default: float | None = None, **more: Any) -> ParamSpec:
    return ParamSpec(name, type="number", default=default, **more)


def _time(name: str, **more: Any) -> ParamSpec:
    return ParamSpec(name, context="DU", type="duration", **more)


def _map(name: str, **more: Any) -> ParamSpec:
    return ParamSpec(name, type="map", **more)


_URGENCY_WORDS = {"low": 0.2, "medium": 0.5, "high": 0.9}

# ------------------------------------------------------- actors and the event brain (8.2)

_TARGET = _text("target")
_CHARACTER = _text("target_character")

_ACTORS = (
    ActionSpec(
        "actor_command",
        _params(
            _TARGET,
            _CHARACTER,
            _text("command", context="LI", required=True, is_identifier=True, is_dynamic=True),
            _number("urgency", 0.7),
            _map("params", aliases=("data",)),
        ),
        one_of=(("target", "target_character"),),
        open=False,
    ),
    ActionSpec(
        "actor_query",
        _params(
            _TARGET,
            _CHARACTER,
            _text("query", required=True),
            _time("timeout", unit="ms", default=1000),
            _map("params"),
        ),
        one_of=(("target", "target_character"),),
        open=False,
        await_mode="implicit",
        result="required",
        result_key="into",
        result_identifier=True,
    ),
    ActionSpec(
        "query_options",
        _params(
            _text("actor_id", required=True),
            _text("query_type", default="combat"),
            _any("freshness", default="cached"),
            _number("max_age_ms", 5000),
            _map("context"),
        ),
        primary="actor_id",
        open=False,
        await_mode="implicit",
        result_default="query_result",
    ),
    ActionSpec(
        "query_actor_state",
        _params(_text("actor_id", required=True), _any("paths")),
        primary="actor_id",
        open=False,
        await_mode="implicit",
        result_default="actor_state",
    ),
    ActionSpec(
        "emit_perception",
        _params(
            _text("target_character", required=True),
            _text("perception_type", required=True),
            _number("urgency", 0.8),
            _text("source_id"),
            _text("source_type", default="coordinator"),
            _any("data"),
        ),
        open=False,
    ),
    ActionSpec(
        "schedule_event",
        _params(
            _text("event_type", required=True),
            ParamSpec("delay_ms", type="int"),
            _time("delay"),
            _number("delay_seconds"),
            _text("target_character"),
            _text("source_id"),
            _any("data"),
        ),
        one_of=(("delay_ms", "delay", "delay_seconds"),),
        open=False,
    ),
    ActionSpec("set_encounter_phase", _params(_any("phase", required=True)), primary="phase", open=False),
    ActionSpec("end_encounter", _params(_any("outcome"), _any("data")), open=False),
    ActionSpec("modify_emotion", _params(_any("emotion", required=True), _number("delta"), _number("set")), open=False),
    ActionSpec("emit_event", _params(_text("template", context="LI", required=True)), primary="template"),
    ActionSpec("publish", _params(_text("event", context="LI", required=True), _map("data")), open=False),
    ActionSpec("transition", _params(_text("to", required=True), _map("pass_context")), primary="to", open=False),
)

# ------------------------------------------------------------------------ cognition (8.3)

_ENTITY = _text("entity_id")
_PERCEPTIONS = _any("perceptions")
_PERCEPTION = _any("perception")

_COGNITION = (
    ActionSpec(
        "filter_attention",
        _params(
            _any("input"),
            _number("attention_budget", 100),
            _number("max_perceptions", 10),
            _number("threshold", 0),
            _map("priority_weights"),
            ParamSpec("threat_fast_track", type="bool", default=False),
            _number("threat_threshold", 0.8),
            _text("fast_track_variable", context="LI", is_identifier=True, default="fast_track_perceptions"),
        ),
        open=False,
        result_default="filtered_perceptions",
    ),
    ActionSpec(
        "query_memory",
        _params(_PERCEPTIONS, _ENTITY, _number("limit", 10)),
        open=False,
        await_mode="implicit",
        result_default="relevant_memories",
    ),
    ActionSpec(
        "assess_significance",
        _params(
            _PERCEPTION,
            _any("memories"),
            _any("relationships"),
            _any("personality"),
            _any("current_goals"),
            _map("weights"),
            _number("threshold", 0.7),
            _number("boost", 0),
            _PERCEPTIONS,
        ),
        open=False,
        result_default="significance_score",
    ),
    ActionSpec(
        "store_memory",
        _params(_ENTITY, _PERCEPTION, _any("significance"), _any("context"), _number("retention_hours"), _any("tags")),
        open=False,
        await_mode="implicit",
    ),
    ActionSpec(
        "evaluate_goal_impact",
        _params(_PERCEPTIONS, _any("current_goals"), _any("current_plan")),
        open=False,
        result_default="goal_updates",
    ),
    ActionSpec(
        "trigger_goap_replan",
        _params(
            _number("urgency", 0.5, words=_URGENCY_WORDS),
            _any("goals"),
            _any("goal"),
            _any("world_state"),
            _any("available_actions"),
            _ENTITY,
            _text("behavior_id"),
        ),
        open=False,
        await_mode="implicit",
        result_default="replan_status",
    ),
)

# ----------------------------------------------------- usual intents and the stage (8.5)

_URGENCY = _number("urgency")


def _stage(name: str, primary: str | None, *params: ParamSpec, **more: Any) -> ActionSpec:
    return ActionSpec(name, _params(*params), primary=primary, **more)


_WALK = (_any("target"), _any("entity"), _any("mark"), _any("speed"), _any("style"), _URGENCY)
_USE = (_any("target"), _any("item"), _URGENCY)
_SPEECH = (_text("text", context="TX", aliases=("line",)), _text("dialogue_ref"))
_SAYS = (("text", "dialogue_ref"),)
_POSE = (
    _any("animation"),
    _text("type"),
    _any("item"),
    _any("target"),
    _any("to"),
    _any("style"),
    _any("duration"),
)
_SHOT = (
    _any("shot"),
    _any("target"),
    _any("subject"),
    _any("subjects"),
    _time("duration"),
    _any("from"),
    _any("to"),
    _any("style"),
)
_SOUND = (
    _any("track"),
    _any("sound"),
    _any("volume"),
    _time("fade_in"),
    _time("fade_out"),
    _any("loop"),
    _any("spatial"),
)

_STAGE = (
    *(_stage(name, "target", *_WALK) for name in ("walk_to", "run_to", "move_to")),
    _stage("stop", None, _URGENCY),
    _stage("attack", "target", _any("target"), _text("type", default="basic"), _URGENCY),
    _stage("block", "direction", _any("direction", default="front"), _URGENCY),
    _stage("dodge", "direction", _any("direction", default="back"), _URGENCY),
    *(
        _stage(name, "target", _any("target"), _any("position"), _any("duration"), _URGENCY)
        for name in ("look_at", "track")
    ),
    *(_stage(name, "target", *_USE) for name in ("use", "pick_up", "talk_to")),
    _stage("emote", "emotion", _any("emotion"), _text("type"), _number("intensity"), _URGENCY),
    _stage(
        "speak",
        "text",
        *_SPEECH,
        _any("character"),
        _any("speaker"),
        _any("emotion"),
        _any("target"),
        _any("volume", default="normal"),
        _URGENCY,
        one_of=_SAYS,
        missing_code=162,
    ),
    _stage("shout", "text", *_SPEECH, _text("alert_type", default="general"), _URGENCY, one_of=_SAYS, missing_code=162),
    _stage("narrate", "text", *_SPEECH, one_of=_SAYS, missing_code=162),
    _stage("animate", "animation", _any("animation"), _any("target"), _any("duration"), _any("style")),
    _stage("spawn", "entity_type", _text("entity_type"), _any("location"), _any("count")),
    _stage("despawn", "target", _any("target")),
    *(
        _stage(name, None, *_POSE, await_mode="implicit" if name == "wait_for_arrival" else "allowed")
        for name in (
            "idle",
            "gesture",
            "wait_for_arrival",
            "examine",
            "take_item",
            "hand_item",
            "place_item",
            "equip",
        )
    ),
    *(
        _stage(name, None, *_SHOT)
        for name in ("fade_in", "fade_out", "establishing_shot", "two_shot", "medium_shot", "close_up", "dolly")
    ),
    *(_stage(name, None, *_SOUND) for name in ("sfx", "ambience", "crossfade", "play")),
)

# Families of dotted names: the first segment decides.
_PREFIXED = {
    "camera": _stage("camera.*", None, *_SHOT),
    "audio": _stage("audio.*", None, *_SOUND),
}

# -------------------------------------------------------------- resources, watchers (8.6)

_RESOURCE_TYPE = _text("resource_type", required=True, aliases=("type", "entity_type"))
_RESOURCE_ID = _any("resource_id", required=True, type="string", aliases=("id", "entity_id"))
_NAME_ALIASES = ("as", "result_variable", "result_var", "result", "into")
_FILTER = ParamSpec("filter", context="LI", type="list", is_list=True, aliases=("include", "sources"))

_RESOURCES = (
    ActionSpec(
        "load_snapshot",
        _params(
            _RESOURCE_TYPE,
            _RESOURCE_ID,
            _text("name", context="LI", required=True, is_identifier=True, aliases=_NAME_ALIASES),
            _FILTER,
            _any("kind", type="enum(snapshot, archive, auto)", aliases=("source",)),
            _number("max_age_s"),
        ),
        open=False,
        await_mode="implicit",
    ),
    ActionSpec(
        "prefetch_snapshots",
        _params(
            _RESOURCE_TYPE,
            ParamSpec("resource_ids", context="EX", type="list", required=True, aliases=("ids",)),
            _FILTER,
        ),
        open=False,
        await_mode="implicit",
    ),
    ActionSpec(
        "watch",
        _params(
            _RESOURCE_TYPE,
            _RESOURCE_ID,
            _text("name", context="LI", is_identifier=True, aliases=_NAME_ALIASES),
            ParamSpec("sources", context="LI", type="list", is_list=True),
            _text("on_change", context="LI"),
        ),
        open=False,
        awaits_with="name",
    ),
    ActionSpec("unwatch", _params(_RESOURCE_TYPE, _RESOURCE_ID), open=False),
    ActionSpec(
        "spawn_watcher",
        _params(_text("watcher_type", required=True), _text("realm_id", required=True), _text("behavior_id")),
        open=False,
        await_mode="implicit",
        result_key="into",
    ),
    ActionSpec(
        "stop_watcher",
        _params(_text("watcher_id", required=True)),
        primary="watcher_id",
        open=False,
        await_mode="implicit",
    ),
    ActionSpec(
        "list_watchers",
        _params(_text("realm_id"), _text("watcher_type")),
        open=False,
        await_mode="implicit",
        result="required",
        result_key="into",
    ),
)

STANDARD_ACTIONS: dict[str, ActionSpec] = {
    spec.name: spec for group in (_ACTORS, _COGNITION, _STAGE, _RESOURCES) for spec in group
}

# Older names of actions and the names they stand for (dialect rows L1, V8, S6, R1, R3).
ACTION_ALIASES: dict[str, str] = {
    "foreach": "for_each",
    "forEach": "for_each",
    "unset": "clear",
    "delay": "wait",
    "load_resource_snapshot": "load_snapshot",
    "resource_snapshot": "load_snapshot",
    "prefetch": "prefetch_snapshots",
}

# The catalogue of language 6.2, canonical names.
BUILTIN_ACTIONS: frozenset[str] = frozenset(
    (
        *("cond", "if", "switch", "condition"),
        *("for_each", "repeat", "break", "continue"),
        *("call", "goto", "return", "branch", "parallel"),
        *("set", "local", "global", "increment", "decrement", "clear", "state_update"),
        *("log", "noop"),
        *("wait", "wait_for", "emit", "sync"),
        "continuation_point",
        *("emit_intent", "multi_emit"),
        *("choice", "qte"),
        *("load_snapshot", "prefetch_snapshots", "watch", "unwatch"),
    )
)

# Generic service access, refused whatever a manifest says (ABML501), lower case.
FORBIDDEN_ACTIONS: frozenset[str] = frozenset(("service_call", "api_call", "http_call", "mesh_call", "invoke_service"))
# Raw publishing (ABML502), lower case; `publish` only with a `topic`.
FORBIDDEN_PUBLISHING: frozenset[str] = frozenset(("publish_event",))

# The logical intent channels of each archetype and the physical ones (8.4).
PHYSICAL_CHANNELS: tuple[str, ...] = ("action", "locomotion", "attention", "stance", "vocalization", "expression")
ARCHETYPE_CHANNELS: dict[str, tuple[str, ...]] = {
    "humanoid": (
        *("combat", "movement", "interaction", "expression"),
        *("attention", "speech", "stance", "idle"),
    ),
    "creature": ("locomotion", "action", "social", "alert"),
    "vehicle": ("throttle", "steering", "signals", "systems"),
    "object": ("state", "timing", "feedback"),
    "environmental": ("intensity", "type", "direction", "mood"),
}


def canonical_action(name: str) -> str:
    """The canonical name of an action key: older names give the name they stand for."""
    return ACTION_ALIASES.get(name, name)


def is_builtin(name: str) -> bool:
    """True for a built-in action, older names included."""
    return name in BUILTIN_ACTIONS or ACTION_ALIASES.get(name, name) in BUILTIN_ACTIONS


def find_action(name: str) -> ActionSpec | None:
    """The standard action of that name, older names and the families `camera.*` and `audio.*` included."""
    spec = STANDARD_ACTIONS.get(ACTION_ALIASES.get(name, name))
    if spec is None and "." in name:
        spec = _PREFIXED.get(name.split(".", 1)[0])
    return spec


def forbidden_code(name: str) -> int | None:
    """501 or 502 for a name no document may use, whatever its letter case or dotted prefix; else None.

    `publish` is not here: it is refused only with a `topic` parameter.
    """
    last = name.rsplit(".", 1)[-1].lower()
    if last in FORBIDDEN_ACTIONS:
        return 501
    if last in FORBIDDEN_PUBLISHING:
        return 502
    return None
