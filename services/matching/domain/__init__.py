"""The rules of matching: pure, standard library only."""
