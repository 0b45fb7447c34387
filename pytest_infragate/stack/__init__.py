"""The running stack: lifecycle, ownership, state, events, stats."""
