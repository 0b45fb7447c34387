"""How the verdict is told."""
