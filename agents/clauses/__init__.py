"""The parts of an answer that say one thing each, and what each says when it stands alone."""
