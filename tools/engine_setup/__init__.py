"""What the example and the tests need from a machine: an engine, Compose v2, a base image. Standard library only."""
