"""Where the time of cases goes, and whose it is."""
