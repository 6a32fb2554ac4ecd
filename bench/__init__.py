"""Benchmarks, `make bench`: each compares with a floor measured in the same run, since machines differ."""
