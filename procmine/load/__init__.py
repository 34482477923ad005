"""The door: files and tables become logs here and nowhere else."""
