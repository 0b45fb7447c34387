"""What the Compose files say."""
