"""The security group that cluster and workgroup say they are in, put into moto's EC2 before anybody asks for it."""

from __future__ import annotations

from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup

from wharfinger_sandbox.aws.warehouse import Warehouse


def create_security_group(warehouse: Warehouse) -> None:
    """Make the warehouse's security group in the default VPC, under the id that DescribeClusters names.

    Its ingress rules open no port of the sandbox and close none: they are kept and shown.
    """
    backend = ec2_backends[warehouse.account_id][warehouse.region]
    vpc = backend.default_vpc.id
    group = SecurityGroup(  # type: ignore[abstract] # moto itself makes them so
        backend, warehouse.security_group, "warehouse", "The warehouse's own", vpc_id=vpc
    )
    backend.groups[vpc].setdefault(group.id, group)
