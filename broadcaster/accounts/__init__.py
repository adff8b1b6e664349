"""People: who may log in, as what, and how that is proved."""
