"""Widgets and text tools that know nothing of this program: drawing, dialogs, keys, clipboard."""
