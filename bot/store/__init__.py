"""Durable rows: inbox, conversations, outbox. The only package that knows SQL."""
