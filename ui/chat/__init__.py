"""The chat page: what `vouch chat` shows in a browser."""
