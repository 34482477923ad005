"""Batches: notebooks for many offices and months, run without a person watching."""
