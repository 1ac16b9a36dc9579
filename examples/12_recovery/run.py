"""The line, as a host: every second word of thunder costs a message."""

from pathlib import Path

import abml

weather = iter(["thunder", "rain", "thunder", "thunder", "thunder", "rain"])


class LineDown(Exception):
    """Try again later."""


def key(action, context):
    if action.params["to"] == "Nobody":
        raise LookupError("there is no such station")
    if next(weather) == "thunder":
        raise LineDown("thunder on the line")
    return {"number": len(action.params["text"])}


MESSAGES = [
    {"to": "Anselm", "text": "the goat is well"},
    {"to": "Bera", "text": "bring an umbrella"},
    {"to": "Nobody", "text": "is anybody there"},
]
result = abml.run(
    Path(__file__).with_name("telegraph.abml.yml"),
    scope={"messages": MESSAGES},
    handlers={"key": key},
)
for record in result.logs:
    print(f"{record['at'] / 1000:4.0f} s  {record.message}")
print(result.status)
