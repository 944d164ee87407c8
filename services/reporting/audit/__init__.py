"""The audit trail: every event of every topic, staged as an entry without its payload, and read in plain words."""
