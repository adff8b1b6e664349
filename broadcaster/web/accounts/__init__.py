"""Pages of people and their logins."""
