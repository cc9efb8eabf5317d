"""One file a change of the home tables."""
