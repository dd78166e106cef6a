"""The event log of this service."""

from yoyo import step

from services.backbone.schema import event_log

steps = [step(event_log)]
