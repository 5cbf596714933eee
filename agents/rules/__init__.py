"""The policy by which every answer is classified before it is shown, and what it rewrites."""
