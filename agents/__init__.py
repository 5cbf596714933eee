"""The mind: actions, events, prompts, the loop and the self-check. No files, no clock, no vendor."""
