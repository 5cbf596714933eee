"""Verifiers: models that read a claim beside its evidence."""
