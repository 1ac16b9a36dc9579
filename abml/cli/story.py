"""A run told for people: what was logged, asked for and answered, and how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abml.cli.output import style, write

if TYPE_CHECKING:
    from abml.result import Record, RunResult
    from abml.source import Span

LEVEL_COLORS = {"warn": "yellow", "error": "red"}
WAITS_FOR = {
    "await": "an answer",
    "continuation": "an extension",
    "goto": "the next tick",
    "signal": "a signal",
    "until": "a condition",
}
QUESTIONS = ("choice", "qte")
STATUS_COLORS = {"completed": "green", "failed": "red", "suspended": "yellow"}
_DAY_MS = 86_400_000


def tell(result: RunResult, line: str | None = None, *, trace: bool = False) -> None:
    """Print the story of a run to standard output.

    Args:
        line: text of the source line in which the run failed.
        trace: say of each thing when it happened, by the VM clock, and in which flow.
    """
    at = 0
    events = _events(result)
    if _is_cut(result, events):
        write(style(f"... of the log, only the newest {len(result.logs)} entries are kept", dim=True))
    for kind, record in events:
        at = record.get("at", at)
        flow = f"  {record['flow']}" if record.get("flow") else ""
        when = style(f"[{_clock(at)}{flow}]  ", dim=True) if trace else ""
        write(when + _TELL[kind](record))
    for channel, value in result.channel_results.items():
        if value is not None:
            write(f"channel {channel}: {text(value)}")
    _ending(result, line)


def _events(result: RunResult) -> list[tuple[str, Record]]:
    """Everything that happened, in its order where the records say it, else list by list."""
    events: list[tuple[int, str, Record]] = []
    for kind, records in (
        ("log", result.logs),
        ("intent", result.intents),
        ("effect", result.effects),
        ("signal", result.signals),
    ):
        place = 0
        for record in records:
            # A warning of the runtime has no place of its own; it follows the record before it.
            place = record["order"] if record.get("order") is not None else place
            events.append((place, kind, record))
    events.sort(key=lambda event: event[0])
    return [(kind, record) for _, kind, record in events]


def _is_cut(result: RunResult, events: list[tuple[str, Record]]) -> bool:
    """Whether older log entries made room for newer ones: everything that happened is counted."""
    from abml.environment import Limits

    if len(result.logs) < Limits().max_log_entries:
        return False
    places = [record["order"] for _, record in events if record.get("order") is not None]
    return bool(places) and max(places) >= len(places)


def text(value: Any) -> str:
    """A value as the language writes it; text stands in quotes."""
    from abml.values import to_json, to_text

    return to_json(value) if isinstance(value, str | list | dict) else to_text(value)


def _log(record: Record) -> str:
    level = record["level"]
    message = record["message"] if record.get("data") is None else f"{record['message']}  {text(record['data'])}"
    if level == "info":
        return message
    if level in ("debug", "trace"):
        return style(f"{level}: {message}", dim=True)
    return style(f"{level}: ", LEVEL_COLORS.get(level), bold=True) + message


def _intent(record: Record) -> str:
    parts = [f"{record['channel']}: {_bare(record['action'])}", f"urgency {text(record['urgency'])}"]
    for key in ("target", "position", "data"):
        value = record.get(key)
        if value is not None and value != {}:
            parts.append(f"{key} {text(value)}")
    return style("  intent  ", "cyan") + ", ".join(parts)


def _effect(record: Record) -> str:
    if record["name"] == "choice":
        return _choice(record)
    spoken = record["params"].get("dialogue")
    where = ""
    hidden: tuple[str, ...] = ()
    if isinstance(spoken, dict) and "source" in spoken:
        # Where a spoken text comes from stands behind it, not among its parameters.
        where = f"  ({', '.join(str(spoken[key]) for key in ('source', 'locale') if spoken.get(key))})"
        hidden = ("dialogue", "dialogue_ref")
    shown = {name: value for name, value in record["params"].items() if name not in hidden}
    params = ", ".join(f"{name}: {text(value)}" for name, value in shown.items()) + where
    channel = f"  (channel {record['channel']})" if record.get("channel") else ""
    return style("  action  ", "blue") + (f"{record['name']}  {params}" if params else record["name"]) + channel


def _choice(record: Record) -> str:
    """A question: its prompt, and the options by what one answers; those that cannot be chosen in parentheses."""
    options = []
    for option in record["params"].get("options") or ():
        label, value = option["label"], option["value"]
        shown = label if value in (label, option["index"]) else f"{label} = {text(value)}"
        options.append(shown if option["available"] else f"({shown})")
    prompt = record["params"].get("prompt")
    channel = f"  (channel {record['channel']})" if record.get("channel") else ""
    return style("  choice  ", "green") + (f"{prompt}  " if prompt else "") + " | ".join(options) + channel


def _signal(record: Record) -> str:
    payload = "" if record.get("payload") is None else f"  {text(record['payload'])}"
    return style("  signal  ", "magenta") + f"{record['name']}{payload}"


_TELL = {"log": _log, "intent": _intent, "effect": _effect, "signal": _signal}


def _bare(value: Any) -> str:
    return value if isinstance(value, str) else text(value)


def _ending(result: RunResult, line: str | None) -> None:
    status = style(result.status, STATUS_COLORS.get(result.status), bold=True)
    if result.status == "completed" and result.value is not None:
        write(f"{status} with {text(result.value)}")
    elif result.status == "suspended":
        waits = "" if result.reason is None else f", waiting for {_awaited(result.reason)}"
        wakes = "" if result.wake_at is None else f", goes on at {result.wake_at} ms"
        write(status + waits + wakes)
    elif result.error is not None:
        write(f"{status}: {result.error['message']}")
        _failure(result.error, line)
    else:
        write(status)


def _awaited(reason: str) -> str:
    """What a suspended run waits for, in words."""
    word, _, names = reason.partition(" ")
    if word == "await" and names:
        asks = any(name in QUESTIONS for name in names.split(", "))
        return f"the answer to {names}" + (" (give it with --answers)" if asks else "")
    return WAITS_FOR.get(reason, reason)


def _failure(error: Record, line: str | None) -> None:
    where = [f"in {name} {error[name]}" for name in ("flow", "action", "channel") if error.get(name)]
    code = error["code"]
    write(f"  {error['kind']}[{code}]" + (f" {', '.join(where)}" if where else ""))
    span = error.get("span")
    if span is None:
        return
    write(f"  {span.path or '<text>'}:{span.line}:{span.column}")
    if line is not None and line.strip():
        shown, carets = marked(line, span)
        write(f"    {shown}")
        write(style(f"    {carets}", "red"))


def marked(line: str, span: Span) -> tuple[str, str]:
    """A source line without its indentation, and the carets below the part that a span covers."""
    from abml.diagnostics.render_text import caret_lines

    shown, carets = caret_lines(line, span)
    indent = min(len(shown) - len(shown.lstrip()), len(carets) - len(carets.lstrip()))
    return shown[indent:], carets[indent:]


def _clock(ms: int) -> str:
    """Time since the start as `hh:mm:ss`, after the days if it is more than one, with milliseconds if there are any."""
    days, rest = divmod(int(ms), _DAY_MS)
    seconds, millis = divmod(rest, 1000)
    clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return (f"{days}d " if days else "") + clock + (f".{millis:03}" if millis else "")
