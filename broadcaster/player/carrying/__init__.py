"""What comes and goes by a stick: bundles and sealed journals."""
