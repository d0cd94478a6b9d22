"""Skylab in a browser: the app behind a token, and the page on which a class votes.

Both servers are small, speak HTTP on one address that is named beforehand, and ask for nothing from any other
host. Importing this loads neither aiohttp nor textual.
"""
