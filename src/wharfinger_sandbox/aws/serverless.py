"""The control plane of Redshift Serverless: the workgroup, its namespace, its tags and temporary credentials."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from wharfinger_sandbox.aws.call import Call, dispatch
from wharfinger_sandbox.aws.credentials import CredentialsService, seconds_of
from wharfinger_sandbox.aws.errors import ApiError, validation
from wharfinger_sandbox.aws.redshift import no_domain
from wharfinger_sandbox.aws.warehouse import Warehouse


class Serverless:
    """The service redshift-serverless 2021-04-21. Operations that are not implemented are refused by name."""

    def __init__(self, warehouse: Warehouse, credentials: CredentialsService) -> None:
        self._warehouse = warehouse
        self._credentials_service = credentials
        self._operations: dict[str, Callable[[Call], Awaitable[dict[str, Any]]]] = {
            "ListWorkgroups": self._list_workgroups,
            "GetWorkgroup": self._get_workgroup,
            "ListNamespaces": self._list_namespaces,
            "GetNamespace": self._get_namespace,
            "GetCredentials": self._get_credentials,
            "GetCustomDomainAssociation": self._custom_domain,
            "ListTagsForResource": self._list_tags,
            "TagResource": self._tag,
            "UntagResource": self._untag,
        }

    async def __call__(self, call: Call) -> dict[str, Any]:
        """Run one operation (a Handler)."""
        return await dispatch(self._operations, call)

    async def _list_workgroups(self, call: Call) -> dict[str, Any]:
        call.require("redshift-serverless:ListWorkgroups", self._any(call, "workgroup"))
        _first_page(call)
        here = call.caller.region == self._warehouse.region
        return {"workgroups": [self._workgroup()] if here else []}

    async def _get_workgroup(self, call: Call) -> dict[str, Any]:
        name = call.members["workgroupName"]
        found = self._warehouse.has_workgroup(name, call.caller.region)
        resource = self._warehouse.workgroup_arn if found else self._any(call, "workgroup")
        call.require("redshift-serverless:GetWorkgroup", resource)
        if not found:
            raise _missing("Workgroup", name)
        return {"workgroup": self._workgroup()}

    async def _list_namespaces(self, call: Call) -> dict[str, Any]:
        call.require("redshift-serverless:ListNamespaces", self._any(call, "namespace"))
        _first_page(call)
        here = call.caller.region == self._warehouse.region
        return {"namespaces": [self._namespace()] if here else []}

    async def _get_namespace(self, call: Call) -> dict[str, Any]:
        name = call.members["namespaceName"]
        found = call.caller.region == self._warehouse.region and name == self._warehouse.namespace
        resource = self._warehouse.namespace_arn if found else self._any(call, "namespace")
        call.require("redshift-serverless:GetNamespace", resource)
        if not found:
            raise _missing("Namespace", name)
        return {"namespace": self._namespace()}

    async def _get_credentials(self, call: Call) -> dict[str, Any]:
        name = call.members.get("workgroupName")
        if name is None:
            if call.members.get("customDomainName") is not None:
                raise no_domain()
            raise validation("Either workgroupName or customDomainName must be provided.")
        seconds = seconds_of(call.members.get("durationSeconds"), "json")
        if not self._warehouse.has_workgroup(name, call.caller.region):
            call.require("redshift-serverless:GetCredentials", self._any(call, "workgroup"))
            raise _missing("Workgroup", name)
        self._credentials_service.require_serverless(call.caller)
        database = call.members.get("dbName")
        issued = await self._credentials_service.issue_for_identity(call.caller, seconds=seconds, database=database)
        return {
            "dbUser": issued.user,
            "dbPassword": issued.password,
            "expiration": issued.expires_at,
            "nextRefreshTime": issued.expires_at,
        }

    async def _custom_domain(self, call: Call) -> dict[str, Any]:
        call.require("redshift-serverless:GetCustomDomainAssociation", self._any(call, "workgroup"))
        raise _missing("CustomDomainAssociation", call.members["customDomainName"])

    async def _list_tags(self, call: Call) -> dict[str, Any]:
        tags = self._tags(call, "redshift-serverless:ListTagsForResource")
        return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}

    async def _tag(self, call: Call) -> dict[str, Any]:
        tags = self._tags(call, "redshift-serverless:TagResource")
        tags.update({tag["key"]: tag["value"] for tag in call.members["tags"]})
        return {}

    async def _untag(self, call: Call) -> dict[str, Any]:
        tags = self._tags(call, "redshift-serverless:UntagResource")
        for key in call.members["tagKeys"]:
            tags.pop(key, None)
        return {}

    def _tags(self, call: Call, action: str) -> dict[str, str]:
        arn = call.members["resourceArn"]
        call.require(action, arn)
        if arn not in (self._warehouse.workgroup_arn, self._warehouse.namespace_arn):
            raise _missing("Resource", arn)
        return self._warehouse.tags.setdefault(arn, {})

    def _any(self, call: Call, kind: str) -> str:
        return f"arn:aws:redshift-serverless:{call.caller.region}:{self._warehouse.account_id}:{kind}/*"

    def _workgroup(self) -> dict[str, Any]:
        warehouse = self._warehouse
        return {
            "workgroupName": warehouse.workgroup,
            "workgroupArn": warehouse.workgroup_arn,
            "workgroupId": warehouse.workgroup_id,
            "namespaceName": warehouse.namespace,
            "status": "AVAILABLE",
            "creationDate": warehouse.created_at,
            "baseCapacity": 8,
            "enhancedVpcRouting": False,
            "publiclyAccessible": False,
            "port": warehouse.port,
            "endpoint": {"address": warehouse.host, "port": warehouse.port, "vpcEndpoints": []},
            "configParameters": [],
            "securityGroupIds": [warehouse.security_group],
            "subnetIds": [],
        }

    def _namespace(self) -> dict[str, Any]:
        warehouse = self._warehouse
        return {
            "namespaceName": warehouse.namespace,
            "namespaceArn": warehouse.namespace_arn,
            "namespaceId": warehouse.namespace_id,
            "adminUsername": warehouse.admin_user,
            "dbName": warehouse.database,
            "status": "AVAILABLE",
            "creationDate": warehouse.created_at,
            "iamRoles": [],
            "logExports": [],
            "kmsKeyId": "AWS_OWNED_KMS_KEY",
        }


def _first_page(call: Call) -> None:
    """Refuse every nextToken, since the lists have one page only. The service's text is unverified."""
    if call.members.get("nextToken") is not None:
        raise validation("Invalid nextToken.")


def _missing(kind: str, name: str) -> ApiError:
    members = {"resourceName": name}
    return ApiError("ResourceNotFoundException", f"{kind} {name} not found.", members=members)
