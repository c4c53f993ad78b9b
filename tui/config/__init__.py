"""How the app is to look and behave: the configuration file, the terminal, and themes."""
