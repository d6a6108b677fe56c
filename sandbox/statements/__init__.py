"""Statements as the pretend banks write them. Each module: an extract in, bytes out."""
