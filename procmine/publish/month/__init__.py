"""An office's month: what came, went and waits, and the place among other offices."""
