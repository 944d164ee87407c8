"""The portal's style sheet and script: made from ``frontend/`` at set-up, found by their hashed names."""
