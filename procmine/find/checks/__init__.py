"""The detectors of the data check, one family a file."""
