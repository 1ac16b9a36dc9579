"""Let the tomcat choose for itself: always the available option it likes best."""

from pathlib import Path

import abml
from abml.vm.actor import Actor


def show(cat: Actor) -> None:
    for record in cat.take_records().logs:
        print(record.message)


cat = Actor(abml.compile(Path(__file__).with_name("tomcat.abml.yml")))
for tick in range(4):
    print(f"-- tick {tick}")
    if tick == 2:
        cat.dispatch_event({"type": "dog.enters"})
    cat.tick(tick * 100)
    show(cat)

    # A map of types, each with its options; what they say is worked out when one asks.
    offers = [offer for kind in cat.options().values() for offer in kind["options"]]
    for offer in offers:
        marks = "" if offer["available"] else "  (not now)"
        risk = "" if offer["risk"] is None else f", risk {offer['risk']}"
        print(f"   {offer['actionId']}: {offer['preference']:.2f}{risk}{marks}")

    best = max((offer for offer in offers if offer["available"]), key=lambda offer: offer["preference"])
    cat.dispatch_event({"type": f"picked.{best['actionId']}"})
    show(cat)
