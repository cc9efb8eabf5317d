"""証明書（PDF）: a record on paper, with its proofs inside the file."""
