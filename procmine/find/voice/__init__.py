"""What people say about waiting."""
