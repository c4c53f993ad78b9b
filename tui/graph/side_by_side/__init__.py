"""A mistake beside what is right: both run in lockstep, up to the first number that differs."""
