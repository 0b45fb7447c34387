"""What earlier runs have left: results that may be taken over, and the last good state."""
