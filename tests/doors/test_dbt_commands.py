"""`dbt profile` and `dbt check` on the command line, where no warehouse is needed."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
import yaml
from tests.command_line import Answer, Run

HOST = "demo.abc.eu-central-1.redshift.amazonaws.com"
SECRET = 'hunter2: "{{ never }} shown" #'
PROFILE = ["--profile", "quay", "--schema", "dbt_alice"]


@pytest.fixture
def shop(cli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A connection that names its host, with a working directory and a home for the test."""
    monkeypatch.setenv("SHOP_PASSWORD", SECRET)
    for name in ("DBT_PROFILES_DIR", "DBT_ENGINE_PROFILES_DIR", "DBT_PROFILE", "DBT_TARGET"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "person").mkdir()
    (tmp_path / "here").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.chdir(tmp_path / "here")
    added = cli(
        "connection", "add", "shop", "--cluster", "demo", "--region", "eu-central-1", "--database", "dev",
        "--sign-in", "password", "--host", HOST, "--user", "loader", "--password-from", "env:SHOP_PASSWORD",
        "--untested", "--json",
    )  # fmt: skip
    assert added.code == 0
    return cli


def profile(shop: Run, *arguments: str | Path) -> Answer:
    answer = shop("dbt", "profile", "shop", *PROFILE, *arguments, "--json")
    assert SECRET not in answer.out + answer.err
    assert "hunter2" not in answer.out + answer.err
    return answer


def test_a_profile_is_printed_with_where_it_belongs_and_what_to_set(shop: Run, tmp_path: Path) -> None:
    document = profile(shop, "--user", "alice", "--threads", "8", "--tcp-keepalive-idle", "0").document
    path = tmp_path / "person" / ".dbt" / "profiles.yml"

    assert document["path"] == str(path)
    assert "default folder" in document["why"]
    assert document["env"] == ["DBT_ENV_SECRET_QUAY_DEV_PASSWORD"]
    assert (document["written"], document["backup"], path.exists()) == (False, None, False)
    assert yaml.safe_load(document["yaml"]) == {
        "quay": {
            "target": "dev",
            "outputs": {
                "dev": {
                    "type": "redshift",
                    "method": "database",
                    "host": HOST,
                    "port": 5439,
                    "user": "alice",
                    "password": "{{ env_var('DBT_ENV_SECRET_QUAY_DEV_PASSWORD') }}",
                    "dbname": "dev",
                    "schema": "dbt_alice",
                    "threads": 8,
                    "sslmode": "verify-full",
                }
            },
        }
    }


def test_people_can_paste_what_is_printed(shop: Run) -> None:
    answer = shop("dbt", "profile", "shop", *PROFILE, "--user", "alice")
    assert yaml.safe_load(answer.out)["quay"]["outputs"]["dev"]["user"] == "alice"
    assert "Before dbt runs, set DBT_ENV_SECRET_QUAY_DEV_PASSWORD" in answer.err


def test_writing_goes_where_dbt_looks_and_says_so(shop: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = profile(shop, "--write").document
    missing = profile(shop, "--write", "--profiles-dir", tmp_path / "given")
    for place in ("named", "given"):
        (tmp_path / place).mkdir()
    (tmp_path / "here" / "profiles.yml").write_text("# here\n")
    here = profile(shop, "--write").document
    monkeypatch.setenv("DBT_PROFILES_DIR", str(tmp_path / "named"))
    named = profile(shop, "--write").document
    given = profile(shop, "--write", "--profiles-dir", tmp_path / "given").document

    assert (missing.code, missing.error["subject"]) == (2, str(tmp_path / "given"))
    assert [one["path"] for one in (own, here, named, given)] == [
        str(tmp_path / place / "profiles.yml") for place in ("person/.dbt", "here", "named", "given")
    ]
    assert "working directory" in here["why"]
    assert "DBT_PROFILES_DIR" in named["why"]
    for one in (own, here, named, given):
        assert stat.S_IMODE(Path(one["path"]).stat().st_mode) == 0o600
        assert yaml.safe_load(Path(one["path"]).read_text())["quay"]["outputs"]["dev"]["user"] == "loader"


BEFORE = b"""\
# Ours since 2019; ask before you change it.
other-company:   # do not touch
  target:   prod
  outputs:
      prod: {type: snowflake, password: 'p#1'}   # tail

# quay comes here some day
"""


def test_a_file_that_is_there_keeps_its_bytes_and_a_copy(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "profiles.yml"
    file.write_bytes(BEFORE)
    first = profile(shop, "--write", "--profiles-dir", tmp_path).document
    again = profile(shop, "--write", "--profiles-dir", tmp_path).document
    other = profile(shop, "--target", "prod", "--user", "dbt_cloud", "--write", "--profiles-dir", tmp_path).document
    text = file.read_bytes()

    assert text.startswith(BEFORE)
    assert Path(first["backup"]).read_bytes() == BEFORE
    assert stat.S_IMODE(Path(first["backup"]).stat().st_mode) == 0o600
    assert (again["written"], again["backup"]) == (False, None)
    assert list(yaml.safe_load(text)["quay"]["outputs"]) == ["dev", "prod"]
    assert yaml.safe_load(text)["quay"]["target"] == "dev"
    assert any("--target prod" in note for note in other["notes"])


def test_a_broken_file_is_told_with_its_line_and_left_alone(shop: Run, tmp_path: Path) -> None:
    file = tmp_path / "profiles.yml"
    file.write_bytes(b"quay:\n\tpassword: topsecret\n")
    answer = profile(shop, "--write", "--profiles-dir", tmp_path)

    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert "line 2" in answer.error["why"]
    assert str(file) in answer.error["subject"]
    assert "topsecret" not in answer.out
    assert file.read_bytes() == b"quay:\n\tpassword: topsecret\n"
    assert [one.name for one in tmp_path.iterdir() if "profiles" in one.name] == ["profiles.yml"]


def test_a_secret_in_clear_text_is_written_and_never_shown(shop: Run, tmp_path: Path) -> None:
    refused = profile(shop, "--clear-text-from", "env:SHOP_PASSWORD")
    answer = profile(shop, "--clear-text-from", "env:SHOP_PASSWORD", "--write", "--profiles-dir", tmp_path)

    assert (refused.code, refused.error["kind"]) == (2, "invalid")
    assert "--write" in refused.error["next_step"]
    assert answer.document["env"] == []
    assert "••••••" in answer.document["yaml"]
    written = yaml.safe_load((tmp_path / "profiles.yml").read_text())["quay"]["outputs"]["dev"]["password"]
    assert written == "{{ 'hunter2: \"\\x7b\\x7b never \\x7d\\x7d shown\" #' }}"


def test_the_platforms_forms_are_filled_in(shop: Run) -> None:
    answer = profile(shop, "--target", "prod", "--user", "dbt_cloud", "--for", "dbt-cloud")
    document = answer.document

    assert document["path"] is None
    assert document["dbt_cloud"]["connection"] == {"Host Name": HOST, "Port": "5439", "Database": "dev"}
    assert document["dbt_cloud"]["credentials"] == {
        "Username": "dbt_cloud",
        "Password": "the password of dbt_cloud",
        "Schema": "dbt_alice",
        "Target Name": "prod",
        "Threads": "4",
    }
    assert document["yaml"] == document["dbt_cloud"]["extended_attributes"] == "sslmode: verify-full\n"
    assert "Host Name\t" + HOST in shop("dbt", "profile", "shop", *PROFILE, "--for", "dbt-cloud").out


def test_the_platform_takes_iam_through_extended_attributes(shop: Run) -> None:
    arguments = ["--method", "iam", "--user", "dbt_cloud", "--access-key-id", "AKIA1", "--for", "dbt-cloud"]
    document = profile(shop, *arguments).document
    attributes = yaml.safe_load(document["yaml"])

    assert attributes == {
        "method": "iam",
        "cluster_id": "demo",
        "region": "eu-central-1",
        "access_key_id": "AKIA1",
        "secret_access_key": "{{ env_var('DBT_ENV_SECRET_QUAY_DEV_ACCESS_KEY') }}",
        "sslmode": "verify-full",
    }
    assert document["env"] == ["DBT_ENV_SECRET_QUAY_DEV_ACCESS_KEY"]
    assert list(document["dbt_cloud"]["environment_variables"]) == document["env"]


REFUSED: dict[str, tuple[list[str], str]] = {
    "an unknown method": (["--method", "saml"], "No such method"),
    "another platform": (["--for", "airflow"], "airflow"),
    "forms into a file": (["--for", "dbt-cloud", "--write"], "writes no file"),
    "a role for the platform": (["--for", "dbt-cloud", "--method", "iam_role"], "no iam_role"),
    "an identity for the platform": (["--for", "dbt-cloud", "--method", "iam"], "access key id is missing"),
    "a field without value": (["--field", "ra3_node"], "Not a field with a value"),
    "a dropped field": (["--field", "search_path=x"], "Not a field to set"),
    "a secret that is none": (["--clear-text-from", "hunter2hunter2"], "does not name a source"),
    "a line break in a name": (["--profile", "config"], "Not a name for a profile"),
}


@pytest.mark.parametrize(("arguments", "words"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_invalid_with_a_next_step(shop: Run, arguments: list[str], words: str) -> None:
    answer = profile(shop, *arguments)
    assert (answer.code, answer.error["kind"]) == (2, "invalid")
    assert words in answer.error["what"] + answer.error["subject"]
    assert answer.error["next_step"] or answer.error["why"]


def test_an_unknown_connection_is_not_found(shop: Run) -> None:
    answer = shop("dbt", "profile", "nobody", *PROFILE, "--json")
    assert (answer.code, answer.error["kind"]) == (2, "not_found")


def test_a_check_needs_no_home_and_says_what_is_missing(
    shop: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHARFINGER_HOME", str(tmp_path / "never-made"))
    answer = shop("dbt", "check", "--profiles-dir", tmp_path, "--json")

    assert answer.code == 1
    assert answer.document["ok"] is False
    assert [(check["id"], check["status"]) for check in answer.document["checks"]] == [("file", "failed")]
    assert "wharfinger dbt profile CONN --profile … --schema …" in answer.document["checks"][0]["next_step"]
    assert not (tmp_path / "never-made").exists()


FILES: dict[str, tuple[str, list[str], str, str]] = {
    "broken": ("quay: [\n", [], "file", "line 2"),
    "empty": ("# nothing\n", [], "file", "no profiles"),
    "no such profile": ("quay: {outputs: {dev: {}}}", ["--profile", "quai"], "profile", "Did you mean quay?"),
    "no outputs": ("quay: {target: dev}", [], "profile", "no outputs"),
    "no such target": ("quay: {target: dve, outputs: {dev: {}}}", [], "profile", "Write target: dev"),
    "no target named": ("quay: {outputs: {dev: {}}}", [], "profile", "no target default"),
    "a target from nowhere": (
        "quay: {target: \"{{ env_var('NO') }}\", outputs: {dev: {}}}",
        [],
        "profile",
        "NO is not",
    ),
    "a target without fields": ("quay: {target: dev, outputs: {dev: }}", [], "profile", "holds no fields"),
}


@pytest.mark.parametrize(("text", "arguments", "id_", "words"), FILES.values(), ids=FILES)
def test_a_file_that_dbt_could_not_use_fails_its_check(
    shop: Run, tmp_path: Path, text: str, arguments: list[str], id_: str, words: str
) -> None:
    (tmp_path / "profiles.yml").write_text(text)
    answer = shop("dbt", "check", "--profiles-dir", tmp_path, *arguments, "--json")
    failed = [check for check in answer.document["checks"] if check["status"] == "failed"]

    assert answer.code == 1
    assert [check["id"] for check in failed] == [id_]
    assert words in failed[0]["detail"] + failed[0]["next_step"]


SEED = """
company-name:
  target: dev
  outputs:
    dev:
      type: redshift
      host: hostname
      user: alice
      pass: topsecret
      port: 5439
      dbname: dev
      schema: dbt_alice
      threads: 1
      keepalives_idle: 0 # default 0, indicating the system default
      search_path: analytics, public
  """


def test_a_profile_of_the_old_days_is_told_what_dbt_drops(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(SEED)
    (tmp_path / "profiles.yml").chmod(0o644)
    answer = shop("dbt", "check", "--profiles-dir", tmp_path, "--no-sign-in", "--json")
    checks = {check["id"]: check for check in answer.document["checks"]}

    assert answer.code == 0
    assert list(checks["keys"]) == ["id", "status", "detail", "next_step", "profile", "target"]
    assert (checks["keys"]["status"], checks["secrets"]["status"]) == ("warned", "warned")
    for words in ("search_path: set it on the user", "ALTER USER", "tcp_keepalive_idle", "leave it out"):
        assert words in checks["keys"]["next_step"]
    assert "chmod 600" in checks["secrets"]["next_step"]
    assert "topsecret" not in answer.out


def test_the_project_around_names_the_profile(shop: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = "{type: redshift, host: h, port: 5439, user: u, password: p, dbname: d, schema: s}"
    (tmp_path / "profiles.yml").write_text(
        "".join(f"{name}: {{target: t, outputs: {{t: {target}}}}}\n" for name in ("a", "b"))
    )
    check = ["dbt", "check", "--profiles-dir", str(tmp_path), "--no-sign-in", "--json"]
    everything = shop(*check)
    (tmp_path / "dbt_project.yml").write_text("name: x\nprofile: b\n")
    of_project = shop(*check)
    monkeypatch.setenv("DBT_PROFILE", "a")
    of_variable = shop(*check)

    def profiles(answer: Answer) -> set[str]:
        return {one["profile"] for one in answer.document["checks"] if one["profile"]}

    assert (profiles(everything), profiles(of_project), profiles(of_variable)) == ({"a", "b"}, {"b"}, {"a"})
    assert "shared-user" in [one["id"] for one in everything.document["checks"]]


def test_another_database_is_left_to_its_own_adapter(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text("p: {target: t, outputs: {t: {type: postgres}}}")
    answer = shop("dbt", "check", "--profiles-dir", tmp_path, "--json")
    assert answer.code == 0
    assert [(one["id"], one["status"]) for one in answer.document["checks"]][-1] == ("type", "skipped")


def test_people_see_a_table_and_what_to_do(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "profiles.yml").write_text(SEED)
    answer = shop("dbt", "check", "--profiles-dir", tmp_path, "--no-sign-in")
    lines = answer.out.splitlines()
    assert lines[0] == "TARGET\tCHECK\tSTATUS\tDETAIL"
    assert any(line.startswith("company-name.dev\tkeys\twarned\t") for line in lines)
    assert any(line.startswith("company-name.dev keys: keepalives_idle: ") for line in lines)


def test_both_documents_are_json_without_secrets(shop: Run) -> None:
    assert "hunter2" not in json.dumps(profile(shop).document)
