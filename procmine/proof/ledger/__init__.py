"""Ledger: forecasts as they were made, what came of them, and how good they have been."""
