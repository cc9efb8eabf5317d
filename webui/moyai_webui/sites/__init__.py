"""Lists of shelters: reading the standard open data set and comparing it with what is registered."""
