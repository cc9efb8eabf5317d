"""One file a change of the readings database."""
