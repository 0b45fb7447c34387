"""What the running stack is asked: one protocol a module."""
