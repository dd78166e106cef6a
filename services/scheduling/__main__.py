"""`python -m services.scheduling serve | work | plan | migrate | verify | seal-key`."""

from services.backbone.program import run

run("scheduling", ("serve", "work", "plan", "migrate", "verify", "seal-key"))
