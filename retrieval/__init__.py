"""The library: read, split, embed, index, search. Knows nothing of questions or models."""
