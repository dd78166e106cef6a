"""`python -m services.reporting serve | work | migrate | verify`."""

from services.backbone.program import run

run("reporting", ("serve", "work", "migrate", "verify"))
