"""`python -m services.content serve | work | migrate | verify | seal-key`."""

from services.backbone.program import run

run("content")
