"""Plans: what a champion means to do in a year, set against the data, and forty of them on a page."""
