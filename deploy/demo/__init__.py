"""The demo: a course, an invented organisation, and a story that plays the main job through the public API."""
