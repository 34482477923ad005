"""Sharding: a source larger than memory, made into a folder of shards."""
