"""The hands: typed Python functions a model may call, and where they come from."""
