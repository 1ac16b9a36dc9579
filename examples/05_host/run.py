"""Run harvest.abml.yml with a host made of three Python functions."""

from pathlib import Path

import abml

FIELDS = {"north": 0.72, "south": 0.35}


def measure(action, context):
    """A handler gets the action and its context; what it returns is the answer."""
    return FIELDS[action.params["field"]]


def mend(action, context):
    raise RuntimeError(f"the {action.params['tool']} is beyond repair")


def percent(x):
    """A host function: expressions call it by its name."""
    return f"{x:.0%}"


result = abml.run(
    Path(__file__).with_name("harvest.abml.yml"),
    handlers={"measure": measure, "mend": mend},
    functions={"percent": percent},
)

for record in result.logs:
    print(record.message)
for effect in result.effects:
    print("action:", effect.name, effect.params)
for intent in result.intents:
    print("intent:", intent.channel, intent.action, intent.urgency, intent.target, intent.data)
print("status:", result.status, result.value)
