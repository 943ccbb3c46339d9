"""What a check costs: processor time beside bare decodes, and memory. Never a timed test."""
