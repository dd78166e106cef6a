"""`python -m services.progress serve | work | migrate | verify`."""

from services.backbone.program import run

run("progress")
