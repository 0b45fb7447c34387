"""Why services fail: which failure caused which, what a container tells of its end, what changed since all was well."""
