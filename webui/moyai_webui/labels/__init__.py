"""The paper that travels on a box."""
