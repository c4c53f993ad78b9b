"""What layers, losses, optimizers and data loaders mean by what they raise."""

from __future__ import annotations

from engine.recording.explanations.explanation import known

REFUSALS = (
    known(
        "ValueError",
        r"Expected more than 1 value per channel when training",
        "Batch normalisation in training was given a single example.",
        "It takes mean and deviation over the batch, and one example has no deviation.",
        "Call `model.eval()` before predicting; in training give `drop_last=True` to the "
        "DataLoader, for its last batch may have one example left.",
    ),
    known(
        "RuntimeError",
        r"shapes cannot be multiplied|mat1 dim 1 must match",
        "Two matrices were to be multiplied that do not fit.",
        "The first has as many columns as the second has rows: of a layer that is in_features, "
        "the last size of what comes in.",
        "Print `x.shape` before this line: its last number is what the layer must be made for.",
    ),
    known(
        "RuntimeError",
        r"The size of tensor a \(\d+\) must match the size of tensor b",
        "Two tensors were to be paired that do not fit.",
        "Sizes are paired from the last one, and both must be equal, or one of them 1.",
        "Print both shapes before this line; an `unsqueeze` or a transpose may be missing.",
    ),
    known(
        "RuntimeError",
        r"to have \d+ channels, but got \d+ channels instead",
        "A convolution was given a picture with another number of channels than it is made for.",
        "Pictures have the shape [batch, channels, height, width]; NumPy, PIL and OpenCV put the "
        "channels last.",
        "Write `x.permute(0, 3, 1, 2)` where they are last, or make the layer for as many.",
    ),
    known(
        "RuntimeError",
        r"shape '\[.*\]' is invalid for input of size",
        "A tensor was to get a shape for which it has too many or too few numbers.",
        "Where it comes from a convolution or a pooling, those make pictures smaller, so that the "
        "flat size is not that of the picture that came in.",
        "Write `x.flatten(1)`, and print its shape once: that is the in_features of the layer "
        "that follows.",
    ),
    known(
        "RuntimeError",
        r"view size is not compatible with input tensor's size and stride",
        "view() was called on a tensor whose numbers do not lie in memory in this order.",
        "A transposed or permuted tensor is the old memory, read in another order.",
        "Write `.reshape(…)`, or `.contiguous().view(…)`.",
    ),
    known(
        "TypeError",
        r"argument 'input' \(position 1\) must be Tensor, not tuple",
        "A layer was given a tuple in place of a tensor.",
        "nn.LSTM, nn.GRU and nn.MultiheadAttention return a tuple: the output, and their state or "
        "weights.",
        "Write `out, state = lstm(x)` and go on with out; in an nn.Sequential they need a module "
        "of your own around them.",
    ),
    known(
        "RuntimeError",
        r"stack expects each tensor to be equal size",
        "Tensors of several sizes were to become one batch.",
        "A batch is one tensor, in which all examples have one size.",
        "Pad them: give the DataLoader a `collate_fn` with `nn.utils.rnn.pad_sequence`; or crop "
        "them to one size in the Dataset.",
    ),
    known(
        "RuntimeError",
        r"grad can be implicitly created only for real scalar outputs",
        "backward() was called on a complex number.",
        "Autograd minimises one real number; a complex one has no less and no more.",
        "Make it real: `loss.real`, or `loss.abs()`.",
    ),
    known(
        "RuntimeError",
        r"hook '.*' has changed the (size|type|device) of value",
        "A hook has returned a gradient of another shape, dtype or device than it was given.",
        "What a hook returns takes the place of the gradient.",
        "Let the hook return a tensor like its argument, or None, where it is only to look.",
    ),
    known(
        "TypeError",
        r"expected Variable, but hook returned",
        "A hook has returned what is no tensor.",
        "What a hook of a tensor returns takes the place of the gradient.",
        "Let the hook return one tensor like its argument, or None, where it is only to look.",
    ),
    known(
        "RuntimeError",
        r"Mismatch in shape: grad_output",
        "backward() was given weights of another shape than the tensor that it was called on.",
        "They say how much each of its numbers counts, so there must be as many.",
        "Give none to a single number, `loss.backward()`, and else `torch.ones_like(z)`.",
    ),
    known(
        "RuntimeError",
        r"Expected hidden\[0\] size",
        "The first state of a recurrent layer does not fit the batch that came in.",
        "Without `batch_first=True` its input is [steps, batch, features], and the state always "
        "is [layers, batch, size].",
        "Make the layer with `batch_first=True`, or `x.transpose(0, 1)`.",
    ),
    known(
        "RuntimeError",
        r"Index tensor must have the same number of dimensions as input tensor",
        "gather was given positions with fewer or more dimensions than the tensor has.",
        "It takes from each row what the same row of positions says.",
        "Write `x.gather(1, index.unsqueeze(1)).squeeze(1)`.",
    ),
    known(
        "RuntimeError",
        r"Legacy autograd function with non-static forward",
        "An autograd.Function was made and called like a module.",
        "A Function keeps nothing in itself: its methods are static, and `ctx` holds what backward "
        "needs.",
        "Write `@staticmethod` over both, `ctx.save_for_backward(x)` in forward, and call "
        "`Name.apply(x)`.",
    ),
    known(
        "AttributeError",
        r"'(float|int|numpy\.\w+)' object has no attribute 'backward'",
        "backward() was called on a plain number or an array.",
        "`.item()`, `float()` and `.numpy()` give numbers without a history.",
        "Call backward on the tensor, and take the number of it after that, for the log.",
    ),
    known(
        "RuntimeError",
        r"Boolean value of Tensor with more than one value is ambiguous",
        "A tensor of several elements was used as a yes or no.",
        "That happens in `if`, `while`, `and` and `not`; and in `nn.MSELoss(out, y)`, which makes "
        "a loss with out and y as its options.",
        "Write `.any()` or `.all()` behind it; and of a loss `nn.MSELoss()(out, y)`.",
    ),
    known(
        "AttributeError",
        r"before Module\.__init__\(\) call",
        "A layer was set in a module before the module was ready.",
        "`nn.Module.__init__` makes the place in which layers and parameters are kept.",
        "Write `super().__init__()` as the first line of `__init__`.",
    ),
    known(
        "NotImplementedError",
        r'Module \[.*\] is missing the required "forward" function',
        "A module was called that has no method `forward`.",
        "Calling a module runs its `forward`, and that name must be written exactly so, within "
        "the class.",
        "Look at the name (`foward`?) and the indentation of that method.",
    ),
    known(
        "ValueError",
        r"optimizer got an empty parameter list",
        "An optimizer was given no parameters.",
        "`parameters()` finds layers that are attributes of the module, not those in a plain list "
        "or dict; and it is a generator, which is empty once it has been gone through.",
        "Keep layers in an nn.ModuleList, and call `model.parameters()` anew for each use.",
    ),
    known(
        "TypeError",
        r"'(Linear|Sequential|Conv\dd|LSTM)' object is not iterable|params argument given to the "
        r"optimizer should be an iterable",
        "A model or a single tensor stands where a sequence of parameters is wanted.",
        "An optimizer takes the parameters of a model, not the model, and a list even of one.",
        "Write `model.parameters()`, or `[w]`.",
    ),
    known(
        "AssertionError",
        r"No inf checks were recorded prior to update",
        "A GradScaler was updated, and no optimizer has stepped through it since the last time.",
        "`optimizer.step()` takes the gradients with the scale still in them, and tells the scaler "
        "nothing.",
        "Write `scaler.step(optimizer)` in place of `optimizer.step()`.",
    ),
    known(
        "AssertionError",
        r"No inf checks were recorded for this optimizer",
        "A GradScaler was to step an optimizer of which nothing has a gradient.",
        "No pass since the last `zero_grad()` has come to its parameters.",
        "Write `scaler.scale(loss).backward()` before it, and no zero_grad in between.",
    ),
    known(
        "RuntimeError",
        r"unscale_\(\) (has already been called|is being called after step)",
        "The gradients of an optimizer were to be unscaled a second time.",
        "They are divided by the scale once, between backward and `scaler.step`.",
        "Call `scaler.unscale_(optimizer)` once, and `scaler.update()` at the end of the pass.",
    ),
    known(
        "RuntimeError",
        r"vmap: It looks like you're .*calling \.item\(\)",
        "A function under vmap asked a tensor for its number, by `.item()` or an `if`.",
        "vmap runs the function once for all examples, so there is no single number to decide by.",
        "Write both sides and choose, `torch.where(condition, a, b)`.",
    ),
    known(
        "RuntimeError",
        r"Expected f\(\*args\) to return a scalar",
        "The function that torch.func.grad was given returns several numbers.",
        "A gradient is that of one number.",
        "Reduce it, `.sum()` or `.mean()`, or use `torch.func.jacrev`.",
    ),
    known(
        "RuntimeError",
        r"Only Tensors created explicitly by the user .* support the deepcopy protocol",
        "A tensor that was computed, and has a history, was to be copied by copy.deepcopy.",
        "A copy of its numbers alone would lose the graph, so torch refuses.",
        "Copy `t.detach().clone()`; of a model copy its `state_dict()`.",
    ),
    known(
        "RuntimeError",
        r"is a view and is being modified inplace",
        "A part of a tensor was changed in place, and autograd cannot follow that.",
        "It came from a function that returns several parts, or from a hook of a module.",
        "Make a new tensor, `a = a + 1` instead of `a += 1`, and `nn.ReLU()` without inplace=True.",
    ),
    known(
        "TypeError",
        r"LBFGS\.step\(\) missing 1 required positional argument: 'closure'",
        "LBFGS was to step without a function that computes the loss.",
        "It computes loss and gradients several times in one step.",
        "Put zero_grad, loss and backward in `def closure():`, return the loss, and call "
        "`optimizer.step(closure)`.",
    ),
    known(
        "RuntimeError",
        r"Error\(s\) in loading state_dict",
        "Saved parameters do not fit the model that they were to be loaded into.",
        "The model was made with other sizes or names of layers than the one that was saved.",
        "Make it as it was then; `model.state_dict().keys()` has the names, and "
        "`strict=False` leaves out what is missing.",
    ),
    known(
        "UnpicklingError",
        r"Weights only load failed",
        "A file was to be loaded that holds more than tensors, as a whole model.",
        "Such a file can run any code while it is loaded, so torch.load asks for it to be said.",
        "Save `model.state_dict()` and load that; of a file that you have made yourself, "
        "`torch.load(path, weights_only=False)` loads all.",
    ),
    known(
        "TypeError",
        r"cannot assign '.*' as parameter",
        "A parameter of a module was replaced by a plain tensor.",
        "A module keeps only nn.Parameter under the name of a parameter.",
        "Write `with torch.no_grad(): layer.weight.copy_(t)`, or `nn.Parameter(t)`.",
    ),
    known(
        "RuntimeError",
        r"you can only change requires_grad flags of leaf variables",
        "requires_grad was switched off on a tensor that was computed.",
        "What is computed from tensors that require grad requires it too.",
        "Write `t.detach()` for its numbers alone.",
    ),
    known(
        "RuntimeError",
        r"mean\(\): could not infer output dtype",
        "The mean of integers was asked for.",
        "It would have a fraction, and torch does not convert by itself.",
        "Write `t.float().mean()`.",
    ),
    known(
        "AssertionError",
        r"Torch not compiled with CUDA enabled",
        "A GPU was asked for, and this PyTorch is one for the CPU.",
        "It was installed without CUDA, or for a machine without a GPU.",
        'Write `device = "cuda" if torch.cuda.is_available() else "cpu"`, and `.to(device)`.',
    ),
)
"""By their messages, of which those parts are recognised that have long been the same."""
