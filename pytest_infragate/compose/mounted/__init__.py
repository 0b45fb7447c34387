"""Configuration files of well-known servers, which say whom those call: one module for each notation."""
