"""The training run that the Train and the Chart tab share: its state, its trainer, its keys."""
