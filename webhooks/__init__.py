"""The edge that knows platform JSON: one module per channel, and the HTTP routes."""
