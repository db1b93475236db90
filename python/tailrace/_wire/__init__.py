"""Wire objects: small classes with the attribute names of httpx, without its import cost.

They are what `error.request`, `error.response`, `Stream.response`, `Timeout` and `client.base_url` hold.
"""
