"""Measures the parts of the house on public question sets: loaders, measures, tables."""
