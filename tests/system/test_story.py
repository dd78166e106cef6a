"""The main job, through HTTP, from a fresh state folder."""

from pathlib import Path

from deploy.api import signed_in
from deploy.demo.load import cast_of, load
from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Story
from deploy.local.stack import Stack

SCENES = 14


def test_the_story_comes_out_as_told(stack: Stack, tmp_path: Path) -> None:
    """Each scene checks what the API says; the story breaks when something is not so."""
    scenes = list(Story(stack.gateway_url, cast_of(stack, tmp_path / "course.zip")).play())
    assert len(scenes) == SCENES
    assert scenes[-1].facts["proofs"]


def test_the_story_can_be_told_again(stack: Stack, tmp_path: Path) -> None:
    scenes = list(Story(stack.gateway_url, cast_of(stack, tmp_path / "course.zip")).play())
    assert len(scenes) == SCENES


def test_loading_the_demo_twice_is_loading_it_once(stack: Stack) -> None:
    with signed_in(stack.gateway_url, "auditor", DEMO_PASSWORD) as auditor:
        feeds = ("content", "scheduling")
        before = [auditor.get(f"/audit/feeds/{feed}", limit=1)["head"] for feed in feeds]
        load(stack)
        assert [auditor.get(f"/audit/feeds/{feed}", limit=1)["head"] for feed in feeds] == before
