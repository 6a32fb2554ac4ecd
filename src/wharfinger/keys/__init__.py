"""Keys: the keyring, sealing with its keys, and the master key that wraps them."""
