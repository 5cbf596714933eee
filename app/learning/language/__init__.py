"""Learns from what people and the self-check said: adapters for the language model."""
