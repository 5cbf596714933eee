"""The reward model: which of two answers to a question people prefer, learned from comparisons."""
