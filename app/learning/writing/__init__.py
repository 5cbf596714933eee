"""Learning to write: examples, the adapter's training, and what it makes."""
