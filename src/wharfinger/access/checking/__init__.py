"""Checks of what one user can do: candidates and fixes (pure), and the checker that tries them."""
