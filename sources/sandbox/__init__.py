"""Networks that run in-process for the demo, the drill and the tests: the same wire as the real ones, no internet.

`world` is what happens, `servers` is how each network tells it, `transport` puts the servers under an HTTP client,
`server` puts them on a loopback port, `demo` writes a configuration that points at them. All brands and people are invented.
"""
