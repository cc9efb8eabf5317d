"""How values become words and drawings on a page."""
