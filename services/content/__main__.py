"""`python -m services.content serve | migrate | verify`."""

from services.backbone.program import run

run("content", programs=("serve", "migrate", "verify"))
