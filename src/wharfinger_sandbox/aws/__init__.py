"""The AWS side of the sandbox: HTTP, signatures, identities, policies and control planes."""
