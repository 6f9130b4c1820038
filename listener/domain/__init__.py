"""Frozen values and pure rules; imports nothing above `errors`."""
