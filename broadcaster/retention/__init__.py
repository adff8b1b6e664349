"""What is kept for how long: old rows are written into files first, then deleted."""
