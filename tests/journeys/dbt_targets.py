"""A profiles.yml that a test writes target by target, and `dbt check` on it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

from tests.journeys.places import Place

PASSWORD = "Quay4side{{x}}#&:%"


class Profiles:
    """A profiles.yml with one target after the other, as a person would write it."""

    def __init__(self, place: Place, folder: Path) -> None:
        self.place = place
        self.folder = folder
        self.wire = place.sandbox.ready["wire"]
        self._targets: dict[str, dict[str, Any]] = {}
        self.user = f"alice_{uuid.uuid4().hex[:8]}"

    def target(self, name: str, **fields: Any) -> None:
        """A target by password; the given fields replace or extend its fields, None removes one."""
        plain = {
            "type": "redshift", "host": self.wire["host"], "port": self.wire["port"], "user": self.user,
            "password": "\"{{ env_var('DBT_ENV_SECRET_PW') }}\"", "dbname": "dev", "schema": "dbt_x",
        }  # fmt: skip
        self._targets[name] = {key: value for key, value in (plain | fields).items() if value is not None}
        lines = ["quay:", f"  target: {next(iter(self._targets))}", "  outputs:"]
        for one, members in self._targets.items():
            lines += [f"    {one}:", *(f"      {key}: {value}" for key, value in members.items())]
        (self.folder / "profiles.yml").write_text("\n".join(lines) + "\n")

    def iam(self, name: str, **fields: Any) -> None:
        """A target by GetClusterCredentials."""
        plain = {"method": "iam", "cluster_id": "demo-cluster", "region": "us-east-1", "password": None}
        self.target(name, **(plain | fields))

    def check(self, *arguments: str) -> tuple[int, dict[tuple[str, str], dict[str, Any]]]:
        """Exit code, and the checks by target and id."""
        answer = self.place.cli("dbt", "check", "--profiles-dir", self.folder, *arguments, "--json")
        assert PASSWORD not in answer.out + answer.err
        assert answer.document["ok"] is (answer.code == 0)
        assert "Traceback" not in answer.err
        return answer.code, {(check["target"] or "", check["id"]): check for check in answer.document["checks"]}
