"""From the certificate in one's hand to its confirmation on the phone of somebody without an account."""

from pathlib import Path

import pytest

from deploy.demo.people import DEMO_PASSWORD
from deploy.demo.story import Cast
from gateway.web import paper
from services.contracts.progress import record_id_of
from tests.support.browser import accessibility_faults
from tests.support.pdf import Pdf
from tests.system.pages.conftest import NewPc

WORDS = {
    "fr": ("Télécharger le certificat (PDF)", "Délivré à Amélie Verstraete", "authentique et valable"),
    "nl": ("Het certificaat downloaden (pdf)", "Uitgereikt aan Amélie Verstraete", "echt en geldig"),
}


@pytest.mark.parametrize("language", ["fr", "nl"])
def test_a_paper_is_taken_along_and_confirmed_elsewhere(
    new_pc: NewPc, cast: Cast, language: str, tmp_path: Path
) -> None:
    button, says, confirmed = WORDS[language]
    passed = cast.learners[0]
    pc = new_pc(language, scripts=False)
    page = pc.sign_in(
        passed.user_name, DEMO_PASSWORD, f"/certificates/{record_id_of(passed.person_id, cast.course)}"
    )
    page.get_by_role("link", name=button).focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name.endswith(f"-{language}.pdf")
    pdf = Pdf(file.read_bytes())
    assert says in pdf.text
    (address,) = pdf.links()
    assert pdf.squares() == {
        (column, row)
        for row, modules in enumerate(paper.qr_code(address).matrix)
        for column, module in enumerate(modules)
        if module
    }

    phone = new_pc(language)
    phone.page.goto(address)
    assert confirmed in phone.page.get_by_role("heading", level=1).inner_text()
    shown = phone.page.locator("main").inner_text()
    assert passed.name in shown
    assert passed.staff_number not in shown
    assert str(passed.person_id) not in phone.page.content()

    phone.page.locator("main a[href='/confirm']").click()
    phone.page.locator("#number").fill(f"{address[-56:-1]}{'a' if address[-1] != 'a' else 'b'}")
    phone.page.keyboard.press("Enter")
    phone.page.get_by_role("alert").wait_for()
    assert accessibility_faults(phone.page) == []
    phone.faults.clear()  # the browser notes the 404


def test_who_is_in_the_middle_is_told_how_to_get_one(new_pc: NewPc, cast: Cast) -> None:
    midway = cast.learners[1]
    pc = new_pc("nl")
    page = pc.sign_in(
        midway.user_name, DEMO_PASSWORD, f"/certificates/{record_id_of(midway.person_id, cast.course)}"
    )
    assert page.get_by_role("heading", level=1).inner_text() == "Er is nog geen certificaat"
    assert accessibility_faults(page) == []
    pc.faults.clear()  # the browser notes the 404
