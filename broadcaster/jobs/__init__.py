"""The worker process: renders what was submitted, plans and publishes what changed.

The only importer of APScheduler.
"""
