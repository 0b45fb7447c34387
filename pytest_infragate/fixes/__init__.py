"""Edits of Compose files that are certain: found by rules, proven on a copy of the project, shown as a diff or applied."""
