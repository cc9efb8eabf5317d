"""The readings database: devices, readings, batches, dead letters. The one door to it, for bridge and web UI."""
