-- Grants on objects.

-- SVV_RELATION_PRIVILEGES. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_relation_privileges as
select
    nspname::text as namespace_name,
    object_name::text as relation_name,
    privilege::text as privilege_type,
    grantee::int as identity_id,
    identity_name::text as identity_name,
    identity_type::text as identity_type,
    is_grantable as admin_option
from pg_internal.wf_visible_grants
where object_type = 'table';

-- SVV_COLUMN_PRIVILEGES. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_column_privileges as
select
    nspname::text as namespace_name,
    object_name::text as relation_name,
    column_name::text as column_name,
    privilege::text as privilege_type,
    grantee::int as identity_id,
    identity_name::text as identity_name,
    identity_type::text as identity_type
from pg_internal.wf_visible_grants
where object_type = 'column';

-- SVV_FUNCTION_PRIVILEGES. Source: unverified.
create or replace view pg_catalog.svv_function_privileges as
select
    g.nspname::text as namespace_name,
    p.proname::text as function_name,
    oidvectortypes(p.proargtypes)::text as argument_types,
    g.privilege::text as privilege_type,
    g.grantee::int as identity_id,
    g.identity_name::text as identity_name,
    g.identity_type::text as identity_type,
    g.is_grantable as admin_option
from pg_internal.wf_visible_grants g
join pg_proc p on p.oid = g.object
where g.object_type in ('function', 'procedure');

-- SVV_SCHEMA_PRIVILEGES, with the scoped permissions of schemas. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_schema_privileges as
select
    nspname::text as namespace_name,
    privilege::text as privilege_type,
    grantee::int as identity_id,
    identity_name::text as identity_name,
    identity_type::text as identity_type,
    is_grantable as admin_option,
    'SCHEMA'::text as privilege_scope
from pg_internal.wf_visible_grants
where object_type = 'schema'
union all
select
    nspname,
    privilege,
    grantee::int,
    identity_name,
    identity_type,
    admin_option,
    scope
from pg_internal.wf_scope_grants
where schema <> 0 and nspname is not null;

-- SVV_DATABASE_PRIVILEGES, with the scoped permissions of the database. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_database_privileges as
select
    object_name::text as database_name,
    privilege::text as privilege_type,
    grantee::int as identity_id,
    identity_name::text as identity_name,
    identity_type::text as identity_type,
    is_grantable as admin_option,
    'DATABASE'::text as privilege_scope
from pg_internal.wf_visible_grants
where object_type = 'database'
union all
select
    current_database(),
    privilege,
    grantee::int,
    identity_name,
    identity_type,
    admin_option,
    scope
from pg_internal.wf_scope_grants
where schema = 0;

-- SVV_DEFAULT_PRIVILEGES. The engine keeps functions and procedures as one kind, so both show as FUNCTION.
-- Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_default_privileges as
with me as materialized (
    select pg_internal.wf_sees_all(current_user) as sees_all
)
select
    n.nspname::text as schema_name,
    case d.defaclobjtype when 'r' then 'RELATION' else 'FUNCTION' end::text as object_type,
    d.defaclrole::int as owner_id,
    pg_internal.wf_name(d.defaclrole)::text as owner_name,
    'user'::text as owner_type,
    pg_internal.wf_redshift_right(e.privilege_type)::text as privilege_type,
    e.grantee::int as grantee_id,
    i.name::text as grantee_name,
    i.kind::text as grantee_type,
    e.is_grantable as admin_option
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
cross join lateral aclexplode(d.defaclacl) e
join pg_internal.wf_identities i on i.oid = e.grantee
cross join me
where d.defaclobjtype in ('r', 'f')
    and e.grantee <> d.defaclrole
    and not (d.defaclobjtype = 'f' and d.defaclnamespace = 0 and e.grantee = 0)
    and (me.sees_all or i.mine or pg_has_role(d.defaclrole, 'usage'));

-- SVV_LANGUAGE_PRIVILEGES. The dialect refuses GRANT ON LANGUAGE, so only grants made in the engine itself are here.
-- Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_language_privileges as
select
    l.lanname::text as language_name,
    e.privilege_type::text as privilege_type,
    e.grantee::int as identity_id,
    i.name::text as identity_name,
    i.kind::text as identity_type,
    e.is_grantable as admin_option
from pg_language l, aclexplode(l.lanacl) e
join pg_internal.wf_identities i on i.oid = e.grantee
where e.grantee <> l.lanowner and (i.mine or (select pg_internal.wf_sees_all(current_user)));

-- SVV_ML_MODEL_PRIVILEGES: the sandbox has no models. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_ml_model_privileges as
select
    null::text as namespace_name,
    null::text as model_name,
    null::int as model_version,
    null::text as privilege_type,
    null::int as identity_id,
    null::text as identity_name,
    null::text as identity_type,
    null::boolean as admin_option
where false;

-- SVV_IAM_PRIVILEGES: the sandbox has no GRANT ASSUMEROLE. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_iam_privileges as
select
    null::text as iam_arn,
    null::text as command_type,
    null::int as identity_id,
    null::text as identity_name,
    null::text as identity_type
where false;

grant select on
    pg_catalog.svv_language_privileges,
    pg_catalog.svv_ml_model_privileges,
    pg_catalog.svv_iam_privileges,
    pg_catalog.svv_relation_privileges,
    pg_catalog.svv_column_privileges,
    pg_catalog.svv_function_privileges,
    pg_catalog.svv_schema_privileges,
    pg_catalog.svv_database_privileges,
    pg_catalog.svv_default_privileges
to public;
