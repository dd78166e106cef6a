"""With which account the command line signs in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from deploy.api import Person, Refusal, signed_in
from deploy.cli.place import this_stack
from deploy.demo.people import DEMO_PASSWORD
from deploy.local.errors import LocalStackError


@contextmanager
def person(demo_user: str) -> Iterator[Person]:
    """Whoever PARCOURS_USER and PARCOURS_PASSWORD name; without them the demo's account for this job.

    Raises LocalStackError with a sentence when nobody answers, or the answer is no.
    """
    user = os.environ.get("PARCOURS_USER", demo_user)
    password = os.environ.get("PARCOURS_PASSWORD") or (
        DEMO_PASSWORD if user == demo_user else typer.prompt(f"Password of {user}", hide_input=True)
    )
    try:
        with signed_in(this_stack().gateway_url, user, password) as somebody:
            yield somebody
    except Refusal as refusal:
        if refusal.status == 401:
            sentence = f"{user} could not sign in: set PARCOURS_USER and PARCOURS_PASSWORD."
            raise LocalStackError(sentence) from refusal
        raise
