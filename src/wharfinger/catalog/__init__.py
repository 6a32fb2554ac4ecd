"""The tables and views of a warehouse: reading them, selecting some, noticing what changed."""
