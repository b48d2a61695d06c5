"""Files of rows: read, classified, written with what was found, and taken up again where they were left."""
