"""`demo`: the main job, told as a story while it is played through the public API."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.api import Refusal
from deploy.cli.place import this_stack
from deploy.cli.screen import console, errors
from deploy.demo.load import cast_of
from deploy.demo.story import Story, StoryBroken


def demo(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for machines.")] = False,
) -> None:
    """Play the main job through the API: publish, assign, learn, oversee, audit.

    Needs a running stack with its demo (`./parcours up`). Three new learners each time, so it may
    be played as often as you like. Ends with status 1 when the story does not come out as told.
    """
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
