"""How each network tells of the world: one file a network, each a function from request to answer."""
