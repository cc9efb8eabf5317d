"""Use cases of the context `directory`."""
