"""`python -m services.scheduling serve | work | plan | migrate | verify`."""

from services.backbone.program import run

run("scheduling", ("serve", "work", "plan", "migrate", "verify"))
