"""Plans: the difference of two states as steps (pure), and the planner that reads the warehouse for it."""
