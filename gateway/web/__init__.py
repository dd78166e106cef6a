"""The pages: HTML made here, from the same answers as the JSON API, for a browser with or without scripts.

A page asks, and renders; a form becomes a command, and then a redirect. No rule is decided here.
"""
