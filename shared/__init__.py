"""Code that API and worker share; it imports neither of them, and none of their frameworks."""
