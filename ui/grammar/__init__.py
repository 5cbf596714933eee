"""The grammar of the commands, one file a subject."""
