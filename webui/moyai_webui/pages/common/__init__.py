"""Pages that all uses share."""
