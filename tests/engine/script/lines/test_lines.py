"""Which lines of a script ran, where they stand, and what each of them changed."""

from __future__ import annotations

from tests.engine.script.scripts import last, lines, names, recorded, view


def test_lines_in_the_order_in_which_they_ran() -> None:
    recording = recorded(
        """
        for i in range(2):
            x = torch.tensor(i)
        if False:
            x = None
        """
    )
    assert lines(recording) == [1, 2, 3, 2, 3, 2, 4]
    assert recording.ending == "end"
    assert recording.error is None


def test_with_blocks() -> None:
    recording = recorded(
        """
        x = torch.ones(1, requires_grad=True)
        with torch.no_grad():
            y = x * 2
        """
    )
    assert set(lines(recording)) == {1, 2, 3, 4}
    assert not view(last(recording, 4), "y").requires_grad


def test_functions_of_the_same_file_are_entered_and_others_are_not() -> None:
    recording = recorded(
        """
        from statistics import mean
        def double(t):
            u = t * 2
            return u
        y = double(torch.ones(1))
        z = mean([1, 3])
        """
    )
    inside = last(recording, 4)
    assert lines(recording) == [1, 2, 3, 4, 5, 6, 7]
    assert (inside.function, inside.depth) == ("double", 1)
    assert [tensor.name for tensor in inside.tensors] == ["t", "u"]
    assert (last(recording, 6).function, last(recording, 6).depth) == ("", 0)
    assert names(recording, 6) == ["y"]


def test_comprehensions_and_lambdas_are_part_of_their_line_and_generators_are_entered() -> None:
    recording = recorded(
        """
        xs = [torch.tensor(float(i)) for i in range(3)]
        f = lambda t: t + 1
        ys = list(map(f, xs))
        def pair():
            yield 1
            yield 2
        zs = list(pair())
        """
    )
    assert lines(recording) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert names(recording, 2) == ["xs[0]", "xs[1]", "xs[2]"]


def test_what_a_line_changed() -> None:
    recording = recorded(
        """
        x = torch.ones(2, requires_grad=True)
        y = x * 2
        z = y.sum()
        z.backward()
        y = x * 2
        x.grad.zero_()
        """
    )
    assert [moment.changed for moment in recording.moments[1:]] == [
        ("x",),
        ("y",),
        ("z",),
        ("x",),
        ("y",),
        ("x",),
    ]


def test_a_nan_that_stays_is_no_change() -> None:
    made = "x = torch.tensor([float('nan')])\ny = torch.tensor(float('nan'))\n"
    recording = recorded(f"{made}i = 1\n")
    assert recording.moments[-1].changed == ()


def test_a_name_is_compared_with_what_it_was_in_its_own_call() -> None:
    recording = recorded(
        """
        t = torch.ones(2)
        def double(a):
            t = a * 2
            return t
        t = double(t)
        t = double(t)
        """
    )
    assert [m.changed for m in recording.moments if m.line in (6, 7)] == [("t",)] * 2
    assert [m.changed for m in recording.moments if m.line == 4] == [("a", "t")] * 2
    assert last(recording, 5).changed == ()


def test_a_line_that_runs_several_passes_is_there_with_each_of_them() -> None:
    recording = recorded("""
w = torch.ones(2, requires_grad=True)
[(w * k).sum().backward() for k in range(3)]
loss = (w * w).sum(); loss.backward(retain_graph=True); loss.backward(); done = w.grad
""")
    passes = [(m.number, m.line, m.backward) for m in recording.moments if m.backward is not None]
    assert passes == [(0, 3, 0), (1, 3, 1), (2, 3, 2), (3, 4, 3), (4, 4, 4)]
