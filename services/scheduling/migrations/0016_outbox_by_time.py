"""What became of messages is asked, and forgotten, by when it ended."""

__depends__ = {"0009_mail"}

from yoyo import step

BY_TIME = """
DROP INDEX outbox_ended;
CREATE INDEX outbox_ended ON outbox (ended_at);
"""

steps = [step(BY_TIME)]
