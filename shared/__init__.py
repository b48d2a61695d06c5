"""The parts that API and worker share; it imports neither of them, nor any framework of theirs."""
