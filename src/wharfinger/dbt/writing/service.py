"""The verb `dbt:profile`: a connection becomes a target in the profiles.yml that dbt reads, or values for forms."""

from __future__ import annotations

from collections.abc import Mapping

from wharfinger.connections.model import Connection, Target
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Invalid, Refused, WharfingerError
from wharfinger.dbt.profiles_yml.fields import DATABASE, IAM, IAM_ROLE
from wharfinger.dbt.profiles_yml.location import Location, Surroundings, locate_profiles
from wharfinger.dbt.profiles_yml.yaml_values import Value, pair_texts
from wharfinger.dbt.writing.merge import Merged, merge
from wharfinger.dbt.writing.model import DEFAULT_THREADS, Destination, Endpoint, ProfileResult, Request
from wharfinger.dbt.writing.platform_forms import forms
from wharfinger.dbt.writing.ports import Connections, Files
from wharfinger.dbt.writing.target_fields import Composed, compose, method_for, needs_identity
from wharfinger.dbt.writing.user_notes import user_notes
from wharfinger.dbt.writing.yaml_edits import block_text

PRODUCTION = ("prod", "production")
"""Names of targets in which nobody should build by accident."""


class DbtProfiles:
    """Makes dbt profiles for connections."""

    def __init__(self, connections: Connections, files: Files, acts: Acts) -> None:
        self._connections = connections
        self._files = files
        self._acts = acts

    def profile(
        self, connection: Connection, request: Request, destination: Destination, surroundings: Surroundings
    ) -> ProfileResult:
        """The profile with which dbt signs in through a connection, brought to its destination.

        Only writing it to a file is recorded. Raises Invalid for inputs that exclude each other, Refused or Conflict
        when the file cannot be changed (it is then unchanged), and AWS's errors when the endpoint is looked up.
        A secret in clear text is only ever written to the file, never returned.
        """
        self._acts.require("dbt:profile", connection.name)
        if destination.kind == "forms":
            return self._for_platform(connection, request)
        if request.secret is not None and destination.kind != "file":
            raise Invalid(
                "A secret in clear text is not printed",
                why="printed text ends up in logs and scroll-back",
                next_step="Write it into the file, which only you can read, or leave it to the environment",
                fields=("write",),
            )
        composed = self._composed(connection, request)
        location = locate_profiles(surroundings, destination.folder)
        text = block_text(composed.wanted.entry(), show_secrets=False)
        if destination.kind == "text":
            notes = (*composed.notes, *self._warehouse_notes(connection, request, composed))
            return ProfileResult(location.path, location.why, text, composed.env, notes)
        return self._write(connection, request, composed, location, text)

    def _for_platform(self, connection: Connection, request: Request) -> ProfileResult:
        method = method_for(connection, request)
        _check_platform(connection, request, method)
        composed = self._composed(connection, request)
        fields, by_password = composed.wanted.whole, method == DATABASE
        key = f"the secret access key of {request.access_key_id}"
        filled = forms(
            fields,
            user=composed.user,
            password=f"the password of {composed.user}"
            if by_password
            else "any text; the extended attributes are used instead",
            target=request.target,
            threads=request.threads or DEFAULT_THREADS,
            attributes="".join(
                f"{line}\n" for line in pair_texts(_extended_attributes(fields, by_password=by_password))
            ),
            variables={} if by_password else dict.fromkeys(composed.env, key),
        )
        return ProfileResult(
            None,
            "the dbt platform stores connections itself",
            filled.extended_attributes,
            () if by_password else composed.env,
            self._warehouse_notes(connection, request, composed),
            forms=filled,
        )

    def _composed(self, connection: Connection, request: Request) -> Composed:
        return compose(connection, request, self._endpoint(connection, request))

    def _warehouse_notes(self, connection: Connection, request: Request, made: Composed) -> tuple[str, ...]:
        """Notes on the schema and the user, which hold wherever the profile goes."""
        return (*_schema_notes(request), *user_notes(self._connections, connection, request, made))

    def _endpoint(self, connection: Connection, request: Request) -> Endpoint:
        user = ""
        if needs_identity(connection, request):
            user = self._connections.caller(connection).database_user() or ""
        host, port = request.host or connection.host, request.port or connection.port
        if host:
            return Endpoint(host, port, identity_user=user)
        target = self._target(connection)
        if not target.host:
            raise Invalid(
                "The warehouse has no endpoint",
                subject=f"{target.kind} {target.name}",
                why=f"its status is {target.status}",
                next_step="Resume it, or name host and port",
                fields=("host", "port"),
            )
        account = target.arn.split(":")[4] if target.arn.count(":") > 4 else ""
        return Endpoint(target.host, request.port or target.port, account, user)

    def _target(self, connection: Connection) -> Target:
        try:
            return self._connections.target(connection)
        except Refused as error:
            raise Refused(
                error.what,
                subject=error.subject,
                why=error.why,
                next_step=". Or ".join(
                    part for part in (error.next_step.rstrip("."), "name host and port yourself") if part
                ),
                check=error.check,
                fields=("host", "port"),
            ) from None

    def _write(
        self, connection: Connection, request: Request, composed: Composed, location: Location, text: str
    ) -> ProfileResult:
        found = self._files.read(location.path)
        try:
            merged = merge(found.text, composed.wanted)
        except WharfingerError as error:
            error.subject = f"{location.path}: {error.subject}" if error.subject else str(location.path)
            raise
        changed = found.content is None or merged.text != found.text or found.others_may_read
        detail = f"target {request.target} of {request.profile} in {location.path}"
        with self._acts.act("dbt:profile", connection.name, detail):
            backup = self._files.replace(found, merged.text, make_folder=location.by_default) if changed else None
        return ProfileResult(
            location.path,
            location.why,
            text,
            composed.env,
            (*composed.notes, *self._warehouse_notes(connection, request, composed), *_notes(request, merged)),
            written=changed,
            backup=backup,
        )


def _check_platform(connection: Connection, request: Request, method: str) -> None:
    """Raises Invalid for what the dbt platform cannot do."""
    if method == IAM_ROLE:
        raise Invalid(
            "The dbt platform has no iam_role",
            subject=connection.name,
            why="it takes a user with a password, or an IAM user's access key through extended attributes",
            next_step="Use the method database with a user, or iam with an access key",
            fields=("method", "user", "access_key_id"),
        )
    if method == IAM and not request.access_key_id:
        raise Invalid(
            "The access key id is missing",
            subject=connection.name,
            why="the dbt platform has no AWS identity of its own: IAM there means an IAM user's access key",
            next_step="Make an IAM user for it, and name its access key id",
            fields=("access_key_id",),
        )
    if request.secret is not None:
        raise Invalid("The dbt platform asks for the secret itself", next_step="Leave it out", fields=("secret",))


def _extended_attributes(fields: Mapping[str, Value], *, by_password: bool) -> dict[str, Value]:
    """The fields that the platform's forms do not have; they become extended attributes."""
    in_forms = {"type", "host", "port", "user", "dbname", "schema", "threads"}
    in_forms |= {"method", "password"} if by_password else set()
    return {name: value for name, value in fields.items() if name not in in_forms}


def _schema_notes(request: Request) -> list[str]:
    if request.schema.casefold() != "public":
        return []
    return [
        "Every user may make tables in the schema public: dbt builds among the tables of others, and they among dbt's. "
        "Give each target a schema of its own"
    ]


def _notes(request: Request, merged: Merged) -> list[str]:
    notes = []
    if merged.removed:
        notes.append(
            f"Removed from target {request.target}, because dbt drops them or another sign-in method uses them: "
            f"{', '.join(merged.removed)}"
        )
    if merged.default_target != request.target:
        notes.append(f"The profile's default target is {merged.default_target}: run dbt with --target {request.target}")
    elif request.target.casefold() in PRODUCTION:
        notes.append(
            f"{request.target} is the profile's default target: dbt builds there whenever no target is named. Write "
            "another target, and name that one in the profile's target"
        )
    return notes
