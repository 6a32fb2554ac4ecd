"""The audit log as people read it. `core.acting` records the acts, `store.audit` keeps them."""
