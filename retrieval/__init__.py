"""The library: read, split, embed, index and search documents. Knows nothing of questions or models."""
