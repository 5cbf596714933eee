"""The commands of the command line, a file a subject; each takes a `Visit` and returns a status."""
