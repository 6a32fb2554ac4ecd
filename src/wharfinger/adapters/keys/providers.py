"""The places for the master key by their names."""

from __future__ import annotations

from pathlib import Path

from wharfinger.adapters.keys.local_file import LocalKeyFile
from wharfinger.core.errors import Invalid
from wharfinger.keys.model import AWS_PREFIX, LOCAL
from wharfinger.keys.ports import KeyProvider, Providers
from wharfinger.store.home import MASTER_KEY


def providers_of(home: Path) -> Providers:
    """The providers that the keyring of `home` can use."""
    return lambda name, region: provider_named(name, home, region)


def provider_named(name: str, home: Path, region: str = "") -> KeyProvider:
    """The provider for `local` or `aws-secretsmanager:NAME`; the latter acts with the AWS default chain's identity.

    `region` is the secret's region; empty means the default of the environment or of the AWS profile. Raises Invalid
    for any other name.
    """
    if name == LOCAL:
        return LocalKeyFile(home / MASTER_KEY)
    if name.startswith(AWS_PREFIX) and len(name) > len(AWS_PREFIX):
        # boto3 is loaded only where the key is in AWS.
        from wharfinger.adapters.aws.clients import AwsSource
        from wharfinger.adapters.aws.discovery import ControlPlane
        from wharfinger.adapters.keys.secrets_manager import SecretsManagerKeyProvider
        from wharfinger.connections.model import Identity, Secrets

        place = region or ControlPlane().default_region("").region
        return SecretsManagerKeyProvider(name.removeprefix(AWS_PREFIX), AwsSource(Identity(), Secrets(), place))
    raise Invalid(
        "Not a place for the master key",
        subject=name,
        why=f"known places are {LOCAL} and {AWS_PREFIX}NAME",
        next_step="Name one of these places",
        fields=("place",),
    )
