"""What goes with long waits."""
