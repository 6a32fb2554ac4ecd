"""Who may do what in a warehouse: inspect, plan, apply, verify, check.

Pure are `model`, `spec/`, `state/` but `reader`, `planning/` but `planner`, `checking/candidates` and `report`,
`granting/plan` and `spec_of_patterns`. `state/reader`, `planning/planner` and `granting/planner` read the warehouse;
`applying/applier` and `granting/runner` change it; `checking/checker`, `trial` and `computed` ask as a user, and roll
back what they try.
"""
