"""Readers: one file per format, each from bytes to a document with headings and pages marked."""
