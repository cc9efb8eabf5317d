"""Pages of the master data, `/directory/…`."""
