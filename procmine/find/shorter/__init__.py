"""What it would be worth if a step took less time."""
