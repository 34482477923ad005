"""Why cases wait."""
