"""The desk without a screen: what Listener knows and does, with no HTTP and no terminal in it."""
