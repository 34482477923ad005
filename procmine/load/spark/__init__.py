"""Logs and long work on a cluster of Spark; the only folder that loads pyspark."""
