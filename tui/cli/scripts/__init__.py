"""Commands about scripts and what was recorded of them: record, check and graph."""
