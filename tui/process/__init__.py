"""The process around the app: signals, hang-ups, crashes, and a terminal left as it was found."""
