"""Whoever leaves may come back as the same person; and is called otherwise without any event."""

from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest

from services.contracts.rules import Rule
from services.contracts.scheduling import (
    CodeUnit,
    PlacePerson,
    ReturnPerson,
    UpdateDirectoryEntry,
    WithdrawPerson,
)
from services.scheduling.application import Application
from services.scheduling.store import check_membership
from tests.integration.conftest import Database
from tests.integration.scheduling.words import assigning, done, events_of, join, joining, refused, told, unit


def withdrawing(person_id: UUID) -> WithdrawPerson:
    return WithdrawPerson(**told(), person_id=person_id)


def test_somebody_returns_with_their_id_and_belongs_to_a_unit_again(
    application: Application, prison: UUID
) -> None:
    wing = unit(prison)
    done(application, wing)
    person_id = join(application, prison)
    done(application, withdrawing(person_id))
    assert refused(application, assigning(person_id=person_id)) == Rule.PERSON_WITHDRAWN
    done(application, ReturnPerson(**told(), person_id=person_id, unit_id=wing.unit_id))
    assert events_of(application, person_id) == ["Registered", "Placed", "Withdrawn", "Returned", "Placed"]
    done(application, assigning(person_id=person_id))
    rows = application.log.select("SELECT unit_id FROM membership WHERE person_id = %s", (person_id,))
    assert rows == [(wing.unit_id,)]
    check_membership(application.log)


def test_a_return_is_refused_where_there_is_nobody_or_nothing(application: Application, prison: UUID) -> None:
    nobody, nowhere = unit().unit_id, unit().unit_id
    assert (
        refused(application, ReturnPerson(**told(), person_id=nobody, unit_id=prison)) == Rule.PERSON_UNKNOWN
    )
    person_id = join(application, prison)
    done(application, withdrawing(person_id))
    assert refused(application, PlacePerson(**told(), person_id=person_id, unit_id=prison)) == (
        Rule.PERSON_WITHDRAWN
    )
    assert (
        refused(application, ReturnPerson(**told(), person_id=person_id, unit_id=nowhere))
        == Rule.UNIT_UNKNOWN
    )


def test_an_entry_is_changed_and_comes_again_on_the_feed_of_names_without_any_event(
    application: Application, prison: UUID
) -> None:
    joined = joining(prison, email="ann@example.invalid")
    done(application, joined)
    before = application.read_directory(0, 5_000).position
    changed = joined.entry.model_copy(update={"family_name": "Maes", "language": "fr", "email": None})
    done(application, UpdateDirectoryEntry(**told(), entry=changed))
    page = application.read_directory(before, 5_000)
    assert [item.entry for item in page.items] == [changed]
    assert events_of(application, changed.person_id) == ["Registered", "Placed"]
    done(application, UpdateDirectoryEntry(**told(), entry=changed))
    assert application.read_directory(page.position, 5_000).items == ()


def test_an_entry_takes_no_staff_number_of_another_and_makes_nobody(
    application: Application, prison: UUID
) -> None:
    ann, bob = joining(prison), joining(prison)
    done(application, ann, bob)
    taken = ann.entry.model_copy(update={"staff_number": bob.entry.staff_number})
    assert refused(application, UpdateDirectoryEntry(**told(), entry=taken)) == Rule.PERSON_EXISTS
    nobody = joining(prison).entry
    assert refused(application, UpdateDirectoryEntry(**told(), entry=nobody)) == Rule.PERSON_UNKNOWN


def test_a_staff_number_that_is_taken_meanwhile_is_not_taken_twice(
    make: Callable[[], Application], database: Database, prison: UUID
) -> None:
    application = make()
    ann = joining(prison)
    done(application, ann)
    number = joining(prison).entry.staff_number
    changed = ann.entry.model_copy(update={"staff_number": number})
    append = application.log.append

    def after_a_rival(*args: object, **kwargs: object) -> list[int]:
        application.log.append = append
        done(make(), joining(prison, staff_number=number))
        return append(*args, **kwargs)

    application.log.append = after_a_rival
    assert refused(application, UpdateDirectoryEntry(**told(), entry=changed)) == Rule.PERSON_EXISTS
    with psycopg.connect(database.url) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM directory WHERE staff_number = %s", (number,)
        ).fetchall()
    assert rows == [(1,)]


@pytest.mark.parametrize("same", ["VC-01", "vc-01"])
def test_a_code_names_one_unit(application: Application, same: str) -> None:
    first, second = unit(), unit()
    done(application, first, second)
    code = f"{same}-{first.unit_id.hex[:4]}"
    done(application, CodeUnit(**told(), unit_id=first.unit_id, code=code.upper()))
    done(application, CodeUnit(**told(), unit_id=first.unit_id, code=code))
    assert refused(application, CodeUnit(**told(), unit_id=second.unit_id, code=code)) == Rule.UNIT_CODE_TAKEN
    done(application, CodeUnit(**told(), unit_id=first.unit_id, code="other-" + code))
    done(application, CodeUnit(**told(), unit_id=second.unit_id, code=code))
