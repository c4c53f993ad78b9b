"""The application: the three tabs around one run, the keys of all of them, help and palette."""
