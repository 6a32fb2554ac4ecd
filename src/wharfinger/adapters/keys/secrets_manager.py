"""The master key in AWS Secrets Manager, as one secret that is made once and never overwritten."""

from __future__ import annotations

import uuid

from wharfinger.adapters.aws.calls import AwsCalls, Backoff
from wharfinger.adapters.aws.clients import Aws, AwsSource
from wharfinger.adapters.aws.errors import Place
from wharfinger.adapters.aws.limiter import Limiter
from wharfinger.connections.model import Identity, Secrets
from wharfinger.core.errors import Conflict, NotFound
from wharfinger.core.secret import Secret
from wharfinger.core.session import Usage
from wharfinger.keys.model import AWS_PREFIX, MasterKey
from wharfinger.keys.ports import Removal

SERVICE = "secretsmanager"


class SecretsManagerKeyProvider:
    """The master key in the secret called `secret_name`. Implements `KeyProvider`.

    `source` holds the identity and the region; without it, the AWS default chain and the environment's region.
    """

    def __init__(self, secret_name: str, source: AwsSource | None = None, backoff: Backoff | None = None) -> None:
        source = source or AwsSource(Identity(), Secrets(), region="")
        place = Place(f"secret {secret_name}", source.region)
        self.name = AWS_PREFIX + secret_name
        self.region = source.region
        self._secret_name = secret_name
        self._calls = AwsCalls(Aws(source), Limiter(), Usage(), place, backoff or Backoff())

    def load(self) -> MasterKey | None:
        """The key in the secret, None when there is no such secret.

        Raises Refused when the identity may not read it, Conflict when it holds something else or is being deleted.
        """
        try:
            answer = self._calls(SERVICE, "GetSecretValue", SecretId=self._secret_name)
        except NotFound as error:
            if "specified secret" not in error.why:
                raise
            return None
        return MasterKey.from_text(Secret(answer.get("SecretString", "")), where=self.name)

    def save(self, master: MasterKey) -> None:
        """Create the secret with the key in it. Raises Conflict when there is a secret of that name already."""
        try:
            self._calls(
                SERVICE,
                "CreateSecret",
                Name=self._secret_name,
                Description="Master key of a Wharfinger store. Without it the store cannot be read",
                SecretString=master.to_text().reveal(),
                ClientRequestToken=str(uuid.uuid4()),
            )
        except Conflict:
            # A repeated request whose first answer was lost finds the secret that it has just created.
            if self.load() != master:
                raise

    def remove(self) -> Removal:
        """Does nothing: removing a secret is up to its owner."""
        return "left"
