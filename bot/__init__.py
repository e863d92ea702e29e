"""Answer desk for Vietnamese health insurance questions."""

__version__ = "0.1.0"
