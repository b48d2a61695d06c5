"""Results as tables, files and pictures, with the machine that they come from."""
