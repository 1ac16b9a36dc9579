"""Four kinds of data, four ways to them (RES-006): memories, traits, game state, surroundings."""

from __future__ import annotations

import abml
from abml.providers.refworld.actions import handlers, manifest
from abml.providers.refworld.changes import move_character, transfer_money
from abml.providers.refworld.memories import MAX_MEMORIES, Shelf
from abml.providers.refworld.namespaces import factories
from abml.providers.registry import ProviderRegistry
from abml.vm.binding import BindingKey

from .support import messages, village

TEXT = """
version: "3.0"
metadata: { id: four }
flows:
  main:
    - remember: { key: debt, value: { to: bo, pennies: 3 } }
    - recall: debt
      result_variable: debt
    - call: /currency/balance/get
      with: { owner: ada, currency: penny }
      into: pennies
    - log: "${debt.pennies} ${personality.loyalty} ${pennies} ${location.name}"
"""


def test_res_006_each_kind_of_data_has_its_way() -> None:
    """Memories from the shared store, traits and surroundings from cached providers, balances from the authority."""
    world = village()
    shelf = Shelf()
    registry = ProviderRegistry(factories(world))
    ada = world.character("ada")
    key = BindingKey("ada", ada.id, world.realm("moor").id)
    options = {"handlers": handlers(world, shelf), "manifest": manifest(), "providers": registry, "binding": key}
    assert messages(abml.run(TEXT, actor_id="ada", **options)) == ["3 0.8 50 Mill"]
    assert shelf.of("ada") == {"debt": {"to": "bo", "pennies": 3}}
    # The balance is asked for and therefore true; the place is cached, and coarse until its time is over.
    transfer_money(world, "ada", "bo", "penny", 20)
    move_character(world, "ada", "dock")
    assert messages(abml.run(TEXT, actor_id="ada", **options)) == ["3 0.8 30 Mill"]
    registry.invalidate("location")
    abml.run(TEXT, actor_id="ada", **options)
    assert messages(abml.run(TEXT, actor_id="ada", **options)) == ["3 0.8 30 Dock"]
    registry.close()


def test_memories_are_each_actors_own_and_bounded() -> None:
    shelf = Shelf()
    for number in range(MAX_MEMORIES + 5):
        shelf.remember("a", f"k{number}", number)
    assert len(shelf.of("a")) == MAX_MEMORIES
    assert shelf.recall("a", "k0") is None
    assert shelf.recall("b", "k9", "nothing") == "nothing"
    shelf.forget("a", "k9")
    assert shelf.recall("a", "k9") is None
