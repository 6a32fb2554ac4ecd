"""The AWS side of the sandbox: signatures, identities, policies, control planes."""
