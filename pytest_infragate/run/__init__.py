"""The phases of one run of the gate; knows nothing of pytest."""
