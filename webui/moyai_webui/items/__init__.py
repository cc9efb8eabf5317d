"""S10: the catalogue as a list that a spreadsheet writes and reads."""
