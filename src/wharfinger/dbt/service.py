"""The verb `dbt profile`: a connection becomes a target in the profiles.yml that dbt reads, or forms to fill in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from wharfinger.connections.model import Connection, Target
from wharfinger.core.acting import Acts
from wharfinger.core.errors import Invalid, Refused, WharfingerError
from wharfinger.dbt.cloud import forms
from wharfinger.dbt.compose import Composed, compose, method_for, needs_identity
from wharfinger.dbt.edits import block_text
from wharfinger.dbt.fields import DATABASE, IAM, IAM_ROLE
from wharfinger.dbt.merge import Merged, merge
from wharfinger.dbt.model import DEFAULT_THREADS, Entrance, Request, Written
from wharfinger.dbt.places import ProfilesPlace, Surroundings, profiles_place
from wharfinger.dbt.ports import Connections, Files
from wharfinger.dbt.yaml_text import Value, pair_texts


class DbtProfiles:
    """Writes profiles for saved connections."""

    def __init__(self, connections: Connections, files: Files, acts: Acts) -> None:
        self._connections = connections
        self._files = files
        self._acts = acts

    def profile(
        self,
        connection: Connection,
        request: Request,
        around: Surroundings,
        folder: Path | None = None,
        *,
        write: bool = False,
    ) -> Written:
        """The profile that lets dbt in through a connection; with `write` put into the file dbt reads.

        Raises Invalid for what does not go together, NotFound for an unknown connection, Refused or Conflict when the
        file may not be changed; then nothing is touched. A secret in clear text is only ever written, never answered.
        """
        if request.secret is not None and not write:
            raise Invalid(
                "A secret in clear text is not printed",
                why="what is printed ends in logs and scroll-back",
                next_step="Add --write, which puts it into a file only you can read, or leave it to the environment",
            )
        composed = self._composed(connection, request)
        place = profiles_place(around, folder)
        text = block_text(composed.wanted.entry(), show_secrets=False)
        if not write:
            return Written(place.path, place.why, text, composed.env, composed.notes)
        return self._write(connection, request, composed, place, text)

    def for_platform(self, connection: Connection, request: Request) -> Written:
        """What to put into the forms of the dbt platform. Raises as `profile` does."""
        method = method_for(connection, request)
        if method == IAM_ROLE:
            raise Invalid(
                "The dbt platform has no iam_role",
                subject=connection.name,
                why="it takes a user with a password, or an IAM user's access key through extended attributes",
                next_step="Use --method database with --user, or --method iam with --access-key-id",
            )
        if method == IAM and not request.access_key_id:
            raise Invalid(
                "--access-key-id is missing",
                subject=connection.name,
                why="the dbt platform has no AWS identity of its own: IAM there means an IAM user's access key",
                next_step="Make an IAM user for it, and give its access key id",
            )
        if request.secret is not None:
            raise Invalid("The dbt platform asks for the secret itself", next_step="Leave the secret's source out")
        composed = self._composed(connection, request)
        fields, by_password = composed.wanted.whole, method == DATABASE
        key = f"the secret access key of {request.access_key_id}"
        filled = forms(
            fields,
            user=composed.user,
            password=f"the password of {composed.user}" if by_password else "any text; the extended attributes decide",
            target=request.target,
            threads=request.threads or DEFAULT_THREADS,
            attributes="".join(f"{line}\n" for line in pair_texts(_beside_forms(fields, by_password=by_password))),
            variables={} if by_password else dict.fromkeys(composed.env, key),
        )
        env = () if by_password else composed.env
        return Written(None, "the dbt platform keeps connections itself", filled.extended_attributes, env, forms=filled)

    def _composed(self, connection: Connection, request: Request) -> Composed:
        method_for(connection, request)  # what cannot be is told before anybody is asked
        return compose(connection, request, self._entrance(connection, request))

    def _entrance(self, connection: Connection, request: Request) -> Entrance:
        user = ""
        if needs_identity(connection, request):
            user = self._connections.caller(connection).database_user() or ""
        host, port = request.host or connection.host, request.port or connection.port
        if host:
            return Entrance(host, port, identity_user=user)
        target = self._target(connection)
        if not target.host:
            raise Invalid(
                "The warehouse has no endpoint", subject=f"{target.kind} {target.name}",
                why=f"its status is {target.status}", next_step="Resume it, or give --host and --port",
            )  # fmt: skip
        account = target.arn.split(":")[4] if target.arn.count(":") > 4 else ""
        return Entrance(target.host, request.port or target.port, account, user)

    def _target(self, connection: Connection) -> Target:
        try:
            return self._connections.target(connection)
        except Refused as error:
            raise Refused(
                error.what, subject=error.subject, why=error.why,
                next_step=f"{error.next_step}. Or name the endpoint yourself: --host H --port N",
            ) from None  # fmt: skip

    def _write(
        self, connection: Connection, request: Request, composed: Composed, place: ProfilesPlace, text: str
    ) -> Written:
        kept = self._files.read(place.path)
        try:
            merged = merge(kept.text, composed.wanted)
        except WharfingerError as error:
            error.subject = f"{place.path}: {error.subject}" if error.subject else str(place.path)
            raise
        changed = kept.content is None or merged.text != kept.text or kept.others_may_read
        detail = f"target {request.target} of {request.profile} in {place.path}"
        with self._acts.act("dbt:profile", connection.name, detail):
            backup = self._files.replace(kept, merged.text) if changed else None
        notes = (*composed.notes, *_told(request, merged))
        return Written(place.path, place.why, text, composed.env, notes, written=changed, backup=backup)


def _beside_forms(fields: Mapping[str, Value], *, by_password: bool) -> dict[str, Value]:
    """What the platform's own forms have no field for, and takes as extended attributes."""
    in_forms = {"type", "host", "port", "user", "dbname", "schema", "threads"}
    in_forms |= {"method", "password"} if by_password else set()
    return {name: value for name, value in fields.items() if name not in in_forms}


def _told(request: Request, merged: Merged) -> list[str]:
    notes = []
    if merged.removed:
        notes.append(
            f"Taken out of target {request.target}, since dbt drops them or they belong to another way in: "
            f"{', '.join(merged.removed)}"
        )
    if merged.default_target != request.target:
        notes.append(f"The profile's default target is {merged.default_target}: give dbt --target {request.target}")
    return notes
