"""Plans of an actor while its world changes: `python examples/14_planner/run.py`."""

from pathlib import Path

import abml
from abml.vm.actions.registry import ActionRegistry
from abml.vm.actor import Actor
from abml.vm.planner.replanning import Replanner

DOCUMENT = """
version: "3.0"
metadata: { id: odile, type: character_brain }
imports: [ { file: lamp_oil.abml.yml, as: day } ]
world_state: { coins: "${currency.coins}" }
flows:
  main:
    - trigger_goap_replan: { goal: day.light_the_window }
    - log: "${replan_status.plan.cost}: ${join(replan_status.plan.actions | map(a => a.replace('day.', '')), ', ')}"
"""

currency = {"coins": 1}
director = {"priority": {}}

here = Path(__file__).resolve().parent
program = abml.compile(DOCUMENT, path=str(here / "odile.abml.yml"))
registry = ActionRegistry()
odile = Actor(program, registry=registry, actor_id="odile", providers={"currency": currency, "director": director})
odile.instance.ambient["agent"] = {"id": "odile"}
registry.register("trigger_goap_replan", Replanner(odile.instance).perform)


def tick(now_ms: int, what: str) -> None:
    """One tick of hers, and what she said in it."""
    odile.tick(now_ms)
    print(f"{what}\n  {odile.take_records().logs[-1]['message']}")


tick(0, "She has one coin.")
director["priority"] = {"stealing": 5}
tick(100, "The director makes stealing dear.")
currency["coins"] = 4
tick(200, "A stranger pays for a song.")
director["priority"] = {}
currency["coins"] = 0
tick(300, "The director is gone, and so are the coins.")
