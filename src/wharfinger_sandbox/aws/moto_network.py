"""The security group of the cluster and the workgroup, in moto's EC2."""

from __future__ import annotations

from moto.ec2.models import ec2_backends
from moto.ec2.models.security_groups import SecurityGroup

from wharfinger_sandbox.aws.warehouse import Warehouse


def create_security_group(warehouse: Warehouse) -> None:
    """Create the warehouse's security group in the default VPC, with the id that DescribeClusters returns.

    Its ingress rules are stored and listed but have no effect on the sandbox's ports.
    """
    backend = ec2_backends[warehouse.account_id][warehouse.region]
    vpc = backend.default_vpc.id
    group = SecurityGroup(  # type: ignore[abstract] # moto itself creates it this way
        backend, warehouse.security_group, "warehouse", "The warehouse's own", vpc_id=vpc
    )
    backend.groups[vpc].setdefault(group.id, group)
