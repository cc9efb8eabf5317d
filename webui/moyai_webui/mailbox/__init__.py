"""The local mail catcher: takes every mail of the sample consortium, keeps it in a folder, shows it on a page."""
