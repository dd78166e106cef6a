"""Plan proposals as jobs: asked for through `serve`, carried out by a child process of `work`.

What a proposal says is computed from tables when its turn comes, and kept with it; nothing is booked
by it. It is no event: it decides nothing.
"""
