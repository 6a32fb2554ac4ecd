"""A refused sign-in has the cure of its method and of its kind of warehouse."""

from __future__ import annotations

from typing import Any

import pytest
from redshift_connector.error import InterfaceError

from wharfinger.adapters.dbt.driver import DbtDriver, redshift_connector
from wharfinger.core.errors import Refused
from wharfinger.dbt.checking.driver_arguments import login_for

CLUSTER: dict[str, Any] = {
    "host": "demo.abc.eu-central-1.redshift.amazonaws.com", "port": 5439, "database": "dev", "cluster_id": "demo",
    "user": "ada",
}  # fmt: skip
WORKGROUP = CLUSTER | {"host": "quay.123456789012.eu-central-1.redshift-serverless.amazonaws.com"}


@pytest.mark.parametrize(
    ("target", "cure"),
    [
        (CLUSTER | {"method": "database", "password": "x"}, "Compare user and password"),
        (CLUSTER | {"method": "iam"}, "or write autocreate: true"),
        (CLUSTER | {"method": "iam_role"}, "autocreate has no effect with iam_role"),
        (WORKGROUP | {"method": "iam"}, "A workgroup makes the user"),
        (WORKGROUP | {"method": "iam_role"}, "A workgroup makes the user"),
        (WORKGROUP | {"method": "database", "password": "x"}, "Compare user and password"),
    ],
)
def test_a_refused_user_has_the_cure_of_its_method(
    monkeypatch: pytest.MonkeyPatch, target: dict[str, Any], cure: str
) -> None:
    def refuse(**_: object) -> None:
        raise InterfaceError({"S": "FATAL", "C": "28000", "M": 'password authentication failed for user "x"'})

    monkeypatch.setattr(redshift_connector, "connect", refuse)
    with pytest.raises(Refused) as refused, DbtDriver().signed_in(login_for(target)):
        pass
    assert cure in refused.value.next_step
