"""Writing results as tables, files and pictures, with a description of their machine."""
