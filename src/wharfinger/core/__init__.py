"""Words every part shares. Imports nothing of ours."""
