"""Receipts say which command each is for."""

__depends__ = {"0001_event_log"}

from yoyo import step

from services.backbone.schema import receipts_name_commands

steps = [step(receipts_name_commands)]
