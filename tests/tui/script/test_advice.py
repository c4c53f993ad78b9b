from __future__ import annotations

from engine.script.recorder import record_source
from tui.script.advice import advice_at, everything
from tui.script.line_notes import line_notes
from tui.script.position import Position, end


def words(source: str, lines: int | None = None) -> str:
    recording = record_source(source, "script", limit=50)
    place = end(recording) if lines is None else Position(lines)
    return "\n".join("".join(span.text for span in one) for one in advice_at(recording, place))


def test_nothing_is_said_of_a_line_that_is_right() -> None:
    assert words("import torch\nx = torch.ones(2, requires_grad=True)\ny = x * 2\n") == ""


def test_an_error_says_what_why_and_what_to_write_instead() -> None:
    text = words("import torch\nz = torch.ones(2, requires_grad=True) * 2\nz.backward()\n")
    assert "✗ RuntimeError: grad can be implicitly created only for scalar outputs" in text
    assert "several elements" in text
    assert "→ Reduce it" in text
    assert text.count("RuntimeError") == 1, "an error that ends the script is told once"


def test_a_syntax_error_says_line_and_column_and_has_a_caret() -> None:
    error, line, caret = words("x = 1\ny = '名前' } 2\n").splitlines()
    assert error.endswith("line 2, column 10")
    assert line == "  y = '名前' } 2"
    assert caret == " " * (2 + 11) + "^", "wide characters take two cells"


def test_the_caret_of_a_long_line_is_seen() -> None:
    _, line, caret = words("x = [" + "1, " * 100 + "= 2]\n").splitlines()
    assert line[caret.index("^")] == "="
    assert len(line) < 70


def test_who_looks_at_an_earlier_place_hears_how_it_goes_on() -> None:
    assert "✗ further on, line 3: ZeroDivisionError: div" in words("x = 1\nx = 2\nx / 0\n", 1)
    assert "further on: stopped, since the script runs more" in words("while True:\n    pass\n", 1)


def test_a_script_that_prints_megabytes_says_that_not_all_is_kept() -> None:
    assert "more than 1 MB" in words("print('x' * 1_000_001)\n")
    assert "MB" not in words("print('x' * 999_998)\n")


def test_a_script_without_tensors_or_without_gradients_says_so() -> None:
    assert "no tensor in this script" in words("x = 1\n")
    assert "no tensor that requires grad" in words("import torch\nx = torch.ones(2)\n")


def test_a_script_that_was_stopped_says_that_the_rest_stays() -> None:
    assert "these stay" in words("while True:\n    pass\n")


def test_a_silent_write_is_marked_on_its_line_in_words() -> None:
    source = (
        "import torch\na = torch.tensor(0.0, requires_grad=True)\n"
        "b = torch.sigmoid(a)\nb.data += 1\nb.backward()\n"
    )
    recording = record_source(source, "script")
    note = line_notes(recording, end(recording))[4]
    assert "⚠ silent write to b: gradients are wrong" in note.text
    assert "autograd did not see" in words(source, 4)


def test_what_a_script_says_is_made_safe() -> None:
    assert "\x1b" not in words("raise ValueError('\\x1b[2J')\n")


def test_beside_a_line_stands_what_it_bound_before_what_it_changed_in_a_model() -> None:
    source = "import torch\nmodel = torch.nn.BatchNorm1d(1)\nloss = model(torch.ones(2, 1)).sum()\n"
    recording = record_source(source, "norm")
    assert line_notes(recording, end(recording))[3].text.startswith("loss = 0  model.running")


OLD_GRAPH = """\
import torch
w = torch.ones(2, requires_grad=True)
h = w
for i in range(2):
    h = h * w
    loss = h.sum()
    loss.backward()
"""


def test_what_to_do_comes_first_and_torchs_words_are_cut_to_a_sentence() -> None:
    first, remedy, error, *_ = words(OLD_GRAPH).splitlines()
    assert first.startswith("⚠ h still carries the graph of the pass at line 7 (pass 0).")
    assert remedy == "→ Cut it off between two passes: `h = h.detach()`."
    assert error.startswith("✗ RuntimeError: Trying to backward through the graph a second time")
    assert error.endswith("   a: all of it")
    assert "retain_graph" not in error


def test_all_of_it_has_every_word() -> None:
    recording = record_source(OLD_GRAPH, "script")
    text = "".join(span.text for one in everything(recording) for span in one)
    assert "Specify retain_graph=True" in text
    assert text.index("h still carries") < text.index("Specify")


FLAT = """\
import torch
w = torch.ones(2, requires_grad=True)
loss = torch.round(w).sum()
loss.backward()
a = 1
b = 2
"""


def test_advice_stays_until_the_next_and_is_said_again_at_the_end() -> None:
    flat = "lets no gradient through"
    assert flat not in words(FLAT, 3)
    for lines in (4, 5, 6):
        assert flat in words(FLAT, lines), f"after {lines} lines"


def test_a_loop_over_parameters_loses_no_leaf() -> None:
    source = (
        "import torch\nw = torch.ones(1, requires_grad=True)\nh = w * 2\nh.retain_grad()\n"
        "h.sum().backward()\nfor t in (w, h):\n    print(t.grad)\n"
    )
    assert all(words(source, lines) == "" for lines in range(1, 10))


def test_where_more_is_wrong_than_is_shown_a_key_says_how_much() -> None:
    assert "a: all" not in words(FLAT, 4)
    two = words(FLAT + "loss.backward\nc = 3\n", 4)
    assert two.startswith("a: all 2  ⚠ "), "the other is known from the end on"
