"""Backups: one archive with all that a home holds and nobody could make again."""
