"""What every command writes with: streams, JSON, tables and a progress bar, all plain text."""
