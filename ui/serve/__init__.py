"""Vouch as an HTTP service: OpenAI's chat completions, and events."""
