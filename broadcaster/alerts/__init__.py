"""Emergency calls: what interrupts everything now. Knows neither pages nor jobs."""
