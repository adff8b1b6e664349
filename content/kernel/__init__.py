"""What all areas stand on: database base, time, units, errors, nodes and the audit. Imports nothing of ours."""
