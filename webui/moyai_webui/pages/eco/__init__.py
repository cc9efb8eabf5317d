"""Pages of meters and electricity, `/eco/…`."""
