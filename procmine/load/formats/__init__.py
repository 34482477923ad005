"""Readers: one kind of file each, to a table of what it holds."""
