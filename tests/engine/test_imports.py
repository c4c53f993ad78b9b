"""Records are read by a screen that starts without torch, so no record's module may load it."""

from __future__ import annotations

import subprocess
import sys

LOADING = """
import sys
from importlib import import_module
from pkgutil import walk_packages
import engine
sys.modules["torch"] = None  # importing it raises ImportError
for module in walk_packages(engine.__path__, "engine."):
    if not module.name.startswith("engine.lessons."):
        try:
            import_module(module.name)
        except ImportError as error:
            assert error.name.partition(".")[0] == "torch", error
            print(module.name.removeprefix("engine."))
"""

WITH_TORCH = """
autograd.backward
autograd.capture
autograd.device_clock
autograd.gradient_reader
autograd.kept_memory
autograd.known_values
autograd.live_nodes
autograd.not_compiled
autograd.notes
autograd.own_ref
autograd.pass_hooks
autograd.quiet
autograd.saved_tensors
autograd.shared_gradients
autograd.summary
autograd.tensor_reader
autograd.watched_pass
rules.anew.arguments
rules.anew.recomputed
rules.anew.restored
rules.anew.stand_ins
rules.anew.vector_jacobian
rules.context
rules.families.activations
rules.families.assignment
rules.families.complex_numbers
rules.families.decompositions
rules.families.elementwise
rules.families.indexing
rules.families.linalg
rules.families.losses
rules.families.normalisation
rules.families.products
rules.families.reductions
rules.families.sampling
rules.families.shapes
rules.families.special
rules.functions
rules.matrices
rules.named
rules.rounding
rules.table
rules.term
script.checks.broadcasts
script.checks.call_checks
script.checks.checks
script.checks.cuts
script.checks.failures.failed
script.checks.failures.failed_passes
script.checks.failures.no_graph
script.checks.failures.second_passes
script.checks.grad_mode
script.checks.grown_graphs
script.checks.kept_graphs
script.checks.losses
script.checks.lost_gradients.flat
script.checks.lost_gradients.hooks
script.checks.lost_gradients.leaves
script.checks.lost_gradients.own_functions
script.checks.numbers.growth
script.checks.numbers.not_finite
script.checks.optimizers.chosen
script.checks.optimizers.clipping
script.checks.optimizers.followed
script.checks.optimizers.optimizer_checks
script.checks.optimizers.step_words
script.checks.optimizers.steps
script.checks.optimizers.unstepped
script.checks.optimizers.zeroing
script.checks.pass_checks
script.checks.places
script.checks.refused_calls.operands
script.checks.refused_calls.refusals
script.checks.refused_calls.targets
script.checks.run_so_far
script.checks.threads
script.checks.words
script.checks.writes
script.distributed.collectives
script.distributed.data_parallel
script.distributed.followed_leaves
script.distributed.local_gradients
script.distributed.loss_samples
script.distributed.loss_scale
script.distributed.marks
script.distributed.own_reductions
script.distributed.pending_pass
script.distributed.rank_passes
script.distributed.rank_watch
script.frames.known_modules
script.frames.loop_variables
script.frames.module_path
script.frames.module_state
script.frames.module_tree
script.frames.scope
script.frames.untouched
script.lines.applied_change
script.lines.begun_lines
script.lines.followed_thread
script.lines.line_graphs
script.lines.line_moments
script.lines.line_scope
script.lines.line_tracer
script.lines.lines_aside
script.lines.node_lines
script.lines.node_notes
script.lines.silent_writes
script.lines.snapshots
script.lines.tensor_content
script.lines.torch_calls
script.lines.written_parts
script.live_tensor
script.passes.deep_passes
script.passes.followed_leaf
script.passes.last_pass
script.passes.leaf_columns
script.passes.leaf_rows
script.passes.narrow_numbers
script.passes.norms
script.passes.number_memory
script.passes.pass_scalars
script.passes.passes
script.passes.passes_beside
script.passes.quick_numbers
script.passes.quick_passes
script.passes.seen_passes
script.passes.spared_passes
script.passes.taken_scalars
script.passes.thread_turns
script.passes.unseen_passes
script.passes.unwritten_passes
script.passes.windows
script.process.last_words
script.process.run_script
script.recorder
script.unseen.captured_warnings
script.unseen.compiled_calls
script.unseen.debuggers
script.unseen.jit_traces
script.unseen.our_frames
script.unseen.own_pass
script.unseen.signal_handlers
script.unseen.threads_aside
script.unseen.uncaught
training.advance
training.batches
training.closed_form
training.cuda_graph
training.dataset
training.descent
training.device
training.distributed.data_parallel
training.distributed.rank_group
training.extended_fit
training.fork
training.gram.by_formula
training.gram.file_rows
training.gram.made_rows
training.gram.moments
training.gram.row_source
training.gram.sums
training.iteration_tracer
training.methods
training.point_counts
"""


def test_the_modules_that_load_torch_are_these_and_no_others() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOADING], capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == WITH_TORCH.split()


RULES = """
import sys
import torch
from engine.autograd.backward import record_backward
from engine.rules.table import local_rules
x = torch.rand(2, 2, requires_grad=True)
backward = record_backward((x.matrix_exp() + torch.nn.functional.gelu(x) + x.norm(dim=0)).sum())
for gradient in backward.gradients:
    assert local_rules(backward.graph.nodes[gradient.node], gradient, backward.graph)
print("sympy" in sys.modules)
import engine.script.recorder, engine.training.iteration_tracer, engine.sessions.storage
print({'textual', 'rich', 'plotext', 'tui'} & set(sys.modules))
"""


def test_rules_load_nothing_that_torch_imports_late_and_the_engine_no_screen() -> None:
    """It would take half a second, while a node is being looked at."""
    command = [sys.executable, "-c", RULES]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    assert found.stdout == "False\nset()\n"
