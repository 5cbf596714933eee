"""The faces: command line and rendering. Knows events and app; no SQL, no model."""
