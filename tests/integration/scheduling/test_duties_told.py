"""Whatever happens to an assignment, and whenever letters leave: its person knows what stands, and nothing untrue."""

from datetime import UTC, date, datetime, time
from random import Random
from uuid import UUID, uuid4

import pytest
from babel.dates import format_date

from services.contracts import progress
from services.contracts.scheduling import WithdrawAssignment
from services.contracts.scheduling.exemptions import GrantExemption, RevokeExemption
from services.scheduling.domain.due import LOCAL, add_days, local_day
from tests.integration.scheduling.post import Post
from tests.integration.scheduling.words import COURSE, OPERATOR, assigning, done, joining, told

TODAY = local_day(datetime.now(UTC))
STEPS = [
    "assign",
    "assign",
    "withdraw",
    "exempt",
    "revoke",
    "complete",
    "days",
    "days",
    "days",
    "send",
    "send",
    "send",
]


def says(on: date) -> str:
    return format_date(on, "d MMMM y", "nl_BE")


@pytest.mark.parametrize("seed", range(12))
def test_a_person_knows_what_stands_and_is_told_nothing_untrue(post: Post, prison: UUID, seed: int) -> None:
    chance = Random(seed)  # the same walk each time, and long enough that everything meets everything
    walk = [(chance.choice(STEPS), chance.randint(1, 45)) for _ in range(40)]
    address = f"{uuid4().hex}@example.org"
    person = joining(prison, email=address, language="nl")
    done(post.application, person)
    person_id = person.entry.person_id
    due: date | None = None  # what is the case
    exempt = finished = False
    day, heard, knows = TODAY, 0, None  # what they were told, and how many letters that was

    def send() -> None:
        nonlocal heard, knows
        post.now = max(datetime.combine(day, time(12), LOCAL), datetime.now(UTC))
        for _ in range(2):
            post.follow()
            post.deliver()
        letters = post.letters_to(address)
        for letter in letters[heard:]:
            text = letter.message.get_body(("plain",)).get_content()
            subject = str(letter.message["Subject"])
            if subject.startswith("Niet meer te volgen"):
                assert due is None, "told that it need not be followed, and it must"
                knows = None
            else:
                assert due is not None, f"{subject}: it need not be followed"
                assert not exempt, f"{subject}: they are exempt"
                assert not finished, f"{subject}: it was completed"
                assert says(due) in text, f"{subject}: another due date than {due}"
                knows = due
        assert len({letter.message["Message-ID"] for letter in letters}) == len(letters)
        assert all(letter.times == 1 for letter in letters)
        heard = len(letters)
        if due is None:
            assert knows is None, "they still believe that it must be followed"
        elif not exempt and not finished:
            assert knows == due, f"they believe {knows}, and it is {due}"

    try:
        for what, number in walk:
            about = {"person_id": person_id, "course": COURSE}
            match what:
                case "assign" if not finished:
                    on = add_days(TODAY, 10 + 2 * number)
                    (outcome,) = post.application.desk.execute(
                        [(OPERATOR, assigning(person_id=person_id, due_on=on))]
                    )
                    due = on if outcome.outcome == "accepted" else due
                case "withdraw" if due is not None:
                    done(post.application, WithdrawAssignment(**told(), **about))
                    due = None
                case "exempt" if not exempt and due is not None and not finished:
                    granting = {**about, "reason": "tested_out", "sentence": "Ja", "effective_on": TODAY}
                    (outcome,) = post.application.desk.execute(
                        [(OPERATOR, GrantExemption(**told(), **granting))]
                    )
                    exempt = exempt or outcome.outcome == "accepted"
                case "revoke" if exempt:
                    done(post.application, RevokeExemption(**told(), **about, sentence="Nee"))
                    exempt = False
                case "complete" if number > 43 and not finished:
                    post.hear(
                        progress.CourseCompleted(
                            record_id=progress.record_id_of(person_id, COURSE, 1),
                            person_id=person_id,
                            course=COURSE,
                            course_version=1,
                            occurred_at=datetime.now(UTC),
                            validity_months=0,
                        )
                    )
                    finished = True
                case "days":
                    day = add_days(day, number // 9)
                case "send":
                    send()
        send()
        assert [state for _, state, _ in post.fate(person_id) if state == "waiting"] == []
    finally:
        post.now = None
        post.connection.execute("UPDATE mail_way SET state = 'withdrawn', look_on = NULL")
