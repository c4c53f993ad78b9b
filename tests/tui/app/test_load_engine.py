"""What is set up with torch: garbage is looked for seldom, but not for ever."""

from __future__ import annotations

import sys

from tests.forks.forks import Forks

SCRIPT = """\
import gc, weakref
from engine.training.problem import Problem
from tui.app.load_engine import load_engine

load_engine(Problem(), own_process=True, lessons=False)

class Dialog:
    pass

dialog = Dialog()
dialog.itself = dialog
gone = []
told = weakref.ref(dialog, gone.append)  # to ask it would hold the dialog, perhaps just then
for _ in range(2):
    gc.collect(1)  # it has been there for a while
assert any(one is dialog for one in gc.get_objects(2))
del dialog
kept = []
while not gone and len(kept) < 1_000_000:
    kept.append([])
print(gone == [told])
"""


def test_what_has_been_there_for_a_while_is_given_back_too(forks: Forks) -> None:
    done = forks.run([sys.executable, "-c", SCRIPT])
    assert (done.stdout, done.stderr) == ("True\n", "")
