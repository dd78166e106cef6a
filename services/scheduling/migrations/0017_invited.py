"""Letters about a session know whether a calendar has the appointment: only then is there something to take out."""

__depends__ = {"0013_class_letters"}

from yoyo import step

INVITED = """
ALTER TABLE mail_place ADD COLUMN invited boolean NOT NULL DEFAULT false;
UPDATE mail_place p SET invited = true FROM outbox o
WHERE o.about = p.place_id AND o.kind = 'class_seat' AND (o.state = 'sent' OR o.attempts > 0)
    AND NOT EXISTS (
        SELECT FROM outbox e WHERE e.about = p.place_id AND e.kind = 'class_ended' AND e.state = 'sent'
            AND e.ended_at > o.ended_at
    );
"""

steps = [step(INVITED)]
