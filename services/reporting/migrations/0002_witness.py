"""What reporting keeps as a witness: the trees of the logs that it follows, cosigned notes, and alarms."""

__depends__ = {"0001_read_models"}

from yoyo import step

from services.backbone.schema import seal, seal_alarm

steps = [step(seal), step(seal_alarm)]
