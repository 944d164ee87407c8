"""Who is asking, and what they may: tokens, API keys, principals, rules."""
