"""Search engines of the web, each behind one protocol, asked one after the other."""
