"""A pytest plugin that refuses to let a suite pass on infrastructure that is not proven good."""

__version__ = "0.1.0"
