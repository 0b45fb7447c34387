"""How each condition is proven."""
