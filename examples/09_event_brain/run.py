"""Five ticks of the apiary, and what happens between them."""

from pathlib import Path

import abml
from abml.vm.actor import Actor

HAPPENS = [
    ("hive.linden.full", {"pots": 2}),
    ("weather.wind", {"strength": 0.2}),
    ("visitor.knocks", {"name": "Aunt Gerda"}),
    ("visitor.knocks", {"name": "Ruben"}),
    ("hive.heather.swarmed", {}),
    ("hive.heather.full", {"pots": 1.5}),
    ("weather.rain", {"strength": 0.9}),
    ("hive.linden.full", {"pots": 4}),
]


def show(keeper: Actor) -> None:
    records = keeper.take_records()
    for record in records.logs:
        print(record.message)
    for intent in records.intents:
        print("   intent:", intent.channel, intent.action, intent.urgency, intent.target)


keeper = Actor(abml.compile(Path(__file__).with_name("apiary.abml.yml")))
for tick in range(5):
    print(f"-- {tick * 100} ms")
    keeper.tick(tick * 100)
    show(keeper)
    for kind, data in HAPPENS[2 * tick : 2 * tick + 2]:
        taken = keeper.perceive({"type": kind, "data": data})
        print(f"   {kind}: {'perceived' if taken else 'filtered out'}")

print("-- the end")
keeper.stop(500)
show(keeper)
