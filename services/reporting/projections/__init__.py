"""Read models folded from the topics; each can be rebuilt from them."""
