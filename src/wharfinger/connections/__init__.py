"""How to enter one warehouse: test, save, open."""
