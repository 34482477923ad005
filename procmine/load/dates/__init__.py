"""Times as they are written, and the moments they are."""
