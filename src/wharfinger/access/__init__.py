"""Who may do what in a warehouse: inspect, plan, apply, verify, check.

Pure: `model`, `spec/`, `state/` except `reader`, `planning/` except `planner`, `checking/candidates` and `report`,
`granting/plan` and `spec_of_patterns`. `state/reader`, `planning/planner` and `granting/planner` read the warehouse;
`applying/applier` and `granting/runner` change it; `checking/checker`, `trial` and `computed` test what a user can do,
and roll back every trial.
"""
