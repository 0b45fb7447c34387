"""What could be better about a stack that works: from what was measured of it, never a reason to close the gate."""
