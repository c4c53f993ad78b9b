from __future__ import annotations

from engine.recording.gradient_ledger import Entry, LeafLedger, ledger
from engine.recording.records import Recording
from tests.engine.script.scripts import numbers, recorded

PASS = "(3 * w).sum().backward()\n"
W = "w = torch.ones(1, requires_grad=True)\n"

Row = tuple[str, int, list[float] | None, list[float] | None, list[float] | None]


def at_end(recording: Recording) -> tuple[LeafLedger, ...]:
    assert recording.ending == "end", recording.error
    return ledger(recording, len(recording.moments) - 1)


def row(entry: Entry) -> Row:
    return (
        entry.event,
        entry.line,
        numbers(entry.before),
        numbers(entry.added),
        numbers(entry.after),
    )


def rows(source: str) -> list[Row]:
    (only,) = at_end(recorded(source))
    return [row(entry) for entry in only.entries]


def test_forgetting_to_zero() -> None:
    assert rows(W + PASS + PASS) == [
        ("added", 3, None, [3], [3]),
        ("added", 4, [3], [3], [6]),
    ]


def test_zeroing_clearing_and_other_changes_in_between() -> None:
    source = (
        W
        + (PASS + "w.grad.zero_()\n")
        + (PASS + "w.grad = None\n")
        + (PASS + "w.grad *= 0.5\n" + PASS)
    )
    assert rows(source) == [
        ("added", 3, None, [3], [3]),
        ("zeroed", 4, [3], None, [0]),
        ("added", 5, [0], [3], [3]),
        ("cleared", 6, [3], None, None),
        ("added", 7, None, [3], [3]),
        ("changed", 8, [3], None, [1.5]),
        ("added", 9, [1.5], [3], [4.5]),
    ]


def test_passes_are_numbered_and_counted() -> None:
    (only,) = at_end(recorded(W + PASS + PASS + PASS))
    assert [entry.number for entry in only.entries] == [1, 2, 3]
    assert only.since_cleared == 3


def test_counting_begins_again_after_zeroing() -> None:
    (only,) = at_end(recorded(W + PASS + PASS + "w.grad.zero_()\n" + PASS))
    assert only.since_cleared == 1


def test_several_passes_in_one_line() -> None:
    assert rows(W + f"for _ in range(2): {PASS}") == [
        ("added", 3, None, [3], [3]),
        ("added", 3, [3], [3], [6]),
    ]


def test_zeroing_and_backward_in_one_line() -> None:
    assert rows(W + PASS + f"w.grad.zero_(); {PASS}") == [
        ("added", 3, None, [3], [3]),
        ("zeroed", 4, [3], None, [0]),
        ("added", 4, [0], [3], [3]),
    ]


def test_up_to_a_moment() -> None:
    recording = recorded(W + PASS + PASS)
    assert ledger(recording, 1) == ()
    (only,) = ledger(recording, 2)
    assert len(only.entries) == 1


def test_leaves_in_the_order_of_their_first_gradient() -> None:
    recording = recorded(
        """
        a = torch.ones(1, requires_grad=True)
        b = torch.ones(1, requires_grad=True)
        (b * 2).backward()
        (a * b).backward()
        """
    )
    assert [(one.name, len(one.entries)) for one in at_end(recording)] == [("b", 2), ("a", 1)]


def test_gradients_asked_for_directly_are_not_added_to_grad() -> None:
    assert at_end(recorded(W + "torch.autograd.grad((w * 2).sum(), w)\n")) == ()


def test_large_and_not_finite_gradients() -> None:
    source = "w = torch.ones(100, requires_grad=True)\n" + PASS + PASS + "i = 1\n"
    (only,) = at_end(recorded(source))
    assert [entry.event for entry in only.entries] == ["added", "added"]
    (only,) = at_end(recorded(W + "(w / 0 * 0).sum().backward()\n" + PASS + "i = 1\n"))
    assert [entry.event for entry in only.entries] == ["added", "added"]
