from __future__ import annotations

import re

from wharfinger.access.applying.passwords import digest, generate
from wharfinger.core.secret import Secret


def test_a_generated_password_keeps_redshifts_rules() -> None:
    made = [generate().reveal() for _ in range(200)]
    assert len(set(made)) == 200
    for password in made:
        assert re.fullmatch(r"[!-~]{8,64}", password)
        assert not set(password) & set("'\"\\/@")
        assert re.search("[A-Z]", password)
        assert re.search("[a-z]", password)
        assert re.search("[0-9]", password)


def test_the_digest_is_redshifts_md5_of_password_and_user() -> None:
    assert digest(Secret("Secret1x"), "alice") == "md550d830be776cb62a4e568a72d21c450d"
