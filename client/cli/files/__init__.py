"""Files of rows: reading, classifying, writing, and continuing after an interruption."""
