"""The calls that an engine serves, one file a subject."""
