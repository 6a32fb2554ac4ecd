"""Who may do what: inspect, plan, apply, verify."""
