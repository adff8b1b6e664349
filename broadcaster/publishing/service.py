"""Planning and publishing on demand: a change asks for it, the worker does it."""
