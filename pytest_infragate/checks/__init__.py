"""What is looked for in the Compose project: one topic a module, one function a check."""
