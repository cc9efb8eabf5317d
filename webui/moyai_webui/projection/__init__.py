"""From blocks to rows: what each document and each event means for the read model. Pure, no SQL."""
