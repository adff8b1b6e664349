"""Pages of voices and the listening trial."""
