"""A village for tests, and what they do with it again and again."""

from __future__ import annotations

from typing import Any

import abml
from abml.providers.refworld import RefWorld, loads
from abml.providers.refworld.actions import handlers, manifest

VILLAGE = """
world: {name: Village, now: "312-04-17 08:30"}
currencies: {penny: {name: Penny}}
items:
  lamp: {name: Lamp, weight: 0.5, value: 30}
  mule: {name: Mule, type: animal, weight: 200, value: 900}
modes:
  foot: {name: on foot, speed: 4}
  mule: {name: on a mule, speed: 8, needs: mule, cost: 0.2}
  raft: {name: by raft, speed: 6, cost: 0.5}
realms:
  moor: {name: The Moor, norms: {theft: 6, violence: 8}}
  isle: {name: The Isle, hour_offset: 2}
places:
  mill: {name: Mill, realm: moor, zone: west, region: Moorland, routes: {well: {km: 2}, dock: {km: 8}},
         pois: [the weir]}
  well: {name: Well, realm: moor, type: shrine, inside: mill}
  dock: {name: Dock, realm: moor, type: harbor, routes: {cove: {km: 12, modes: [raft]}}, purse: {penny: 100}}
  cove: {name: Cove, realm: isle, type: harbor}
  peak: {name: Peak, realm: moor, type: ruin}
factions:
  millers: {name: Guild of Millers, code: MILL, realm: moor, norms: {theft: 2}, members: {ada: {role: master, rank: 5}}}
  wardens: {name: Wardens, code: WARD, kind: house, realm: moor, controls: [mill], norms: {theft: 9, trespass: 4}}
quests:
  flour: {name: Bring flour, objectives: {carry: {name: Carry sacks, needed: 3}, tell: {name: Tell the reeve}},
          hours: 48}
scenarios:
  fall: {name: The fall, genre: tragedy, weight: 0.8, triggers: [character.died],
         roles: {victim: {traits: {loyalty: 1}, needs: [trauma], bound_to: friend}, friend: {traits: {honesty: -1}}},
         phases: [before, during, after], quest: flour}
  feast: {name: The feast, genre: comedy, weight: 0.3, roles: {host: {}}, phases: [soup]}
characters:
  ada: {name: Ada, realm: moor, place: mill, born: 280-01-01, traits: {loyalty: 0.8, honesty: 0.6, agreeableness: 0.4},
        combat: {style: cautious, risk_tolerance: 0.2}, purse: {penny: 50}, bag: {lamp: 2, mule: 1},
        backstory: [{type: origin, key: river, value: born on a barge},
                    {type: trauma, key: loss, value: lost a sister, strength: 0.9},
                    {type: fear, key: water, value: never swims, strength: 0.7}],
        participations: [{event: the flood, role: rescuer, significance: 0.8}],
        growth: {domains: {craft: 12}, capabilities: {milling: 0.9}}}
  bo: {name: Bo, realm: moor, place: mill, born: 290-05-02, traits: {honesty: -0.5, aggression: 0.7}, purse: {penny: 5}}
  cy: {name: Cy, realm: isle, place: cove, born: 250-02-02, preferences: {raft: 0.9}}
  di: {name: Di, realm: moor, place: dock, born: 230-02-02, died: 311-01-01, cause: fever}
relationships:
  r1: {of: ada, to: bo, kind: friend, strength: 0.7}
  r2: {of: bo, to: ada, kind: rival, strength: -0.9}
encounters:
  e1: {at: 312-04-10 10:00, place: mill, kind: quarrel, participants: [ada, bo], sentiment: -0.6}
  e2: {at: 312-01-10 10:00, place: mill, participants: [ada, bo, di], sentiment: 0.2}
obligations:
  o1: {of: ada, to: bo, terms: grind his corn, costs: {oath_breaking: 4}, until: 312-05-01}
"""


def village() -> RefWorld:
    """Four people, five places, two realms."""
    return loads(VILLAGE, "village.yml")


def run(world: RefWorld, actions: str, **options: Any) -> abml.RunResult:
    """A document with these actions, indented by four, run in a world."""
    text = f'version: "3.0"\nmetadata: {{ id: test }}\nflows:\n  main:\n{actions}'
    return abml.run(text, handlers=handlers(world), manifest=manifest(), **options)


def messages(result: abml.RunResult) -> list[str]:
    """The texts of a log."""
    assert result.error is None, result.error
    return [str(record.message) for record in result.logs]
