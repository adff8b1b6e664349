"""What really aired: rows of the players, taken in once each, and held against the plan."""
