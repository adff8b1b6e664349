"""Pages of villages and their loudspeakers."""
