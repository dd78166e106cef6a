"""`python -m services.content serve | work | migrate | verify`."""

from services.backbone.program import run

run("content")
