"""`python -m services.scheduling serve | work | migrate | verify`."""

from services.backbone.program import run

run("scheduling")
