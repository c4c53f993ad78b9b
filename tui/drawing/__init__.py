"""Pure drawing: records in, pictures out; knows neither Textual nor torch."""
