"""Reading the audit log. `core.acting` records the acts, `store.audit` stores them."""
