"""Screens that come to the front."""
