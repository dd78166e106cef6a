"""`python -m services.progress serve | work | migrate | verify | seal-key`."""

from services.backbone.program import run

run("progress")
