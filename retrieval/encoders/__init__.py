"""The models that encode texts: where they lie, how each is used, and what runs them."""
