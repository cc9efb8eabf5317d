"""Pure functions from the definition to every file and value of the network; nothing here reads or writes the disk."""
