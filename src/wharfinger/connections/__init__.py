"""Connections to warehouses: testing, saving and opening them."""
