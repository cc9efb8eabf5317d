"""Use cases of the context `relief`: matching needs and offers of supplies."""
