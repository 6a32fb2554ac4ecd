"""Durable background work: enqueue, retry, progress, cancel."""
