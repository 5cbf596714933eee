"""Indexes of vectors, one back end per file behind one protocol."""
