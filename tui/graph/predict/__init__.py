"""Predicting what the next step shows: the question, its wrong answers, and the score."""
