"""Trains the models that this program ships or learns at home."""
