"""The verdict: what may be said of a change, and what may not."""
