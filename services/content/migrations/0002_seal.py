"""The seal of this service's log: hashes, and the notes that were signed."""

__depends__ = {"0001_event_log"}

from yoyo import step

from services.backbone.schema import seal

steps = [step(seal)]
