"""Vectors on disk and their search: exact, in lists or on a GPU, one back end a file."""
