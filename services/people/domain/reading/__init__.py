"""A roster file as HR systems export it: bytes, text, rows, records, reporting lines. Pure."""
