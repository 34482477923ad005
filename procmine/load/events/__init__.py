"""From a table of rows to the events of a log."""
