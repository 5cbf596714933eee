"""Many questions in one go: read, asked, recorded, scored, written out and compared."""
