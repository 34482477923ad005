"""What if: models fitted to a log, policies, and forecasts whose simulated logs are logs."""
