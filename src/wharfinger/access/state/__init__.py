"""What is in the warehouse now: the statements that read it, their rows as values, the reader."""
