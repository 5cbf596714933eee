"""The mind: actions, events, prompts, loop and self-check. No files, no clock, no vendor."""
