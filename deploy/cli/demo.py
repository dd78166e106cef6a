"""`demo`: the main job, told as a story while it is played through the public API."""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import psycopg
import typer

from deploy.api import Refusal
from deploy.cli.place import this_stack
from deploy.cli.screen import console, duration, errors, screen
from deploy.demo.load import cast_of
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Story, StoryBroken
from deploy.demo.years import DIRECTION, AlreadyLoaded, load_years

STAFF = 12_000


demo = typer.Typer(help="The main job, played and told as a story; or a whole service with its past.")


@demo.command()
def load(
    people: Annotated[int, typer.Option(min=100, max=100_000, help="How many members of staff.")] = STAFF,
) -> None:
    """Add a simulated prison service to the running demo: 35 prisons and two years of training.

    Names and places are invented, and it is the same each time. It cannot be taken out again: begin
    anew with another PARCOURS_STATE. Sign in as `direction` to see all of it.
    """
    began = time.monotonic()
    try:
        with screen() as telling:
            load_years(this_stack(), telling, people)
    except AlreadyLoaded:
        errors.print(
            f"The simulated service is here already: sign in as {DIRECTION}. (If loading it was interrupted,"
            " begin anew with another PARCOURS_STATE.)"
        )
        sys.exit(1)
    except psycopg.OperationalError:
        errors.print("No database answers here: start everything with `./parcours up`.", markup=False)
        sys.exit(1)
    console.print(
        f"{people:,} people in 35 prisons, loaded in {duration(round(time.monotonic() - began))}; reports"
        f" follow within a minute. Sign in as {DIRECTION} (password {DEMO_PASSWORD})."
    )


@demo.callback(invoke_without_command=True)
def play(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Play the main job through the API: publish, assign, learn, oversee, audit.

    Needs a running stack with its demo (`./parcours up`). Three new learners each time, so it may
    be played as often as you like. Ends with status 1 when the story does not come out as told.
    """
    if context.invoked_subcommand is not None:
        return
    stack = this_stack()
    scenes = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            cast = cast_of(stack, Path(folder) / "course.zip")
            story = Story(stack.gateway_url, cast)
            for scene in story.play():
                scenes.append(scene.as_json())
                if not as_json:
                    console.print(f"[bold]{scene.number}.[/bold] {scene.told}\n", highlight=False)
    except (StoryBroken, Refusal) as problem:
        errors.print(f"The story broke after scene {len(scenes)}: {problem}", markup=False)
        sys.exit(1)
    if as_json:
        sys.stdout.write(json.dumps({"scenes": scenes}, ensure_ascii=False, indent=2) + "\n")
    else:
        learner = cast.learners[0]
        console.print(
            f"{learner.given_name}'s history: ./parcours history {learner.person_id}", soft_wrap=True
        )
