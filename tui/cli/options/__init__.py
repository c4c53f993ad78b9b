"""What the command line may say: options, what they are read as, and what a command is about."""
