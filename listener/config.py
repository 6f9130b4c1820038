"""The configuration of a desk."""
