"""Names by which a configuration file gives keys to actions."""

from __future__ import annotations

from collections import defaultdict

from textual.binding import Binding

from tui.app.key_actions import OWNERS, key_actions
from tui.kit.key_ids import own_action


def test_a_name_is_that_of_one_action_on_all_tabs() -> None:
    actions = defaultdict[str, set[str]](set)
    for owner in OWNERS:
        for kind in owner.__mro__:
            for binding in vars(kind).get("BINDINGS", ()):
                if isinstance(binding, Binding) and binding.id:
                    actions[binding.id].add(own_action(binding.action))
    assert {name: found for name, found in actions.items() if len(found) > 1} == {}
    assert sorted(actions) == list(key_actions())


def test_names_say_which_way_and_how_far() -> None:
    far = {"look-back", "look-on", "look-back-10", "look-on-100", "pan-left", "pass-newest"}
    assert far <= set(key_actions())
