"""Pages of the relief flow, `/relief/…`."""
