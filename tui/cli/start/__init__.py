"""Commands that start the app: in this terminal, on what was named, or in a browser."""
