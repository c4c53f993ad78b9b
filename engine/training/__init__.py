"""Linear regression by gradient descent, as functions from records to records.

Records, torch-free:
    problem             what is learned and how (`Problem`), `State` between iterations, `Step`
    points              the data as a chart needs them; `density`: counts on a grid
    method_state        what a method keeps of the gradients; `loop_body`: its lines of code
    step_columns        many steps, as one array for every number
    history             a bounded memory of a run; `history_csv` writes it to a file
    breakpoints         conditions that stop a run, and their text form
    run                 `Run`: one training run at one moment
    branches            `Experiment`: runs that left each other where something was changed
    moved_data          branches whose file of data has gone elsewhere
    changes             the difference of two problems, as a short name
    comparison          the branches of an experiment side by side
    theory              optimum, Hessian, stability and prediction; `divergence` explains runs by it
    convergence         how far a run is from the optimum, and how many iterations remain
    gradient_rounding   how far rounding takes a gradient
    traced_iteration    one iteration, line by line and node by node

With torch:
    dataset             the data as tensors, and where a run starts
    methods             from gradients to a step: sgd, nesterov, rmsprop, adam
    batches             which points an iteration learns from
    descent             the fast path: real autograd, every iteration recorded
    cuda_graph          the fast path as a CUDA graph, compared with itself
    closed_form         solves a problem's `Theory`
    extended_fit        least squares in extended precision
    point_counts        counts points on a grid
    advance             `begin`, `advance`, `goto`, `back_to`: from a run to the next
    fork                a changed problem starts a branch
    iteration_tracer    makes a `TracedIteration`
    device              the choice of a device, and what there is

Beyond one process, and beyond what memory holds:
    distributed         the loop on several ranks, over `torch.distributed`
    gram                any iteration from sums of the data, which are read once

And `pacer`: when `advance` shows a frame and when it does the next iteration.
"""
