"""The keys of a home: the keyring, sealing, and where the master key lives."""
