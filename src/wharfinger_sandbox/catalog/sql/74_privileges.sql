-- Rights read back (redshift-facts §4.5): explicit grants only, nothing for owners, superusers or through membership.

create or replace function pg_internal.wf_redshift_right(privilege text) returns text
language sql immutable parallel safe
as $$ select case privilege when 'MAINTAIN' then 'DROP' when 'TRIGGER' then 'ALTER' when 'TEMPORARY' then 'TEMP' else privilege end $$;

-- Whether the session's user reads rows about everybody: superusers, holders of ACCESS SYSTEM TABLE, and for log-like
-- views users with SYSLOG ACCESS UNRESTRICTED.
create or replace function pg_internal.wf_sees_all(person name) returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select pg_has_role(person, 'wf_superuser', 'member')
        or coalesce((select pg_internal.wf_parsed(rolpassword)::jsonb ->> 'syslog' = 'UNRESTRICTED' from pg_authid where rolname = person), false)
        or exists (select from pg_authid r where left(r.rolname, 2) = 'r/' and r.rolpassword is not null
            and pg_internal.wf_parsed(r.rolpassword)::jsonb -> 'privileges' ? 'ACCESS SYSTEM TABLE' and pg_has_role(person, r.oid, 'member'))
$$;

create or replace view pg_internal.wf_grants as
select 'table' as object_type, c.oid as object, n.nspname, c.relname::text as object_name, null::text as column_name, c.relowner as owner,
    e.grantor, e.grantee, pg_internal.wf_redshift_right(e.privilege_type) as privilege, e.is_grantable
from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) e
where c.relkind in ('r', 'v', 'm', 'f') and n.nspname <> 'pg_internal'
    and not (n.nspname in ('pg_catalog', 'information_schema') and e.grantee in (0, 10))
union all
select 'column', c.oid, n.nspname, c.relname, a.attname, c.relowner, e.grantor, e.grantee, e.privilege_type, e.is_grantable
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace, aclexplode(a.attacl) e
where a.attacl is not null and not pg_internal.wf_is_system_schema(n.nspname)
union all
select 'schema', n.oid, n.nspname, n.nspname, null, n.nspowner, e.grantor, e.grantee, e.privilege_type, e.is_grantable
from pg_namespace n, aclexplode(n.nspacl) e where not pg_internal.wf_is_system_schema(n.nspname)
union all
select 'database', d.oid, null, d.datname, null, d.datdba, e.grantor, e.grantee, pg_internal.wf_redshift_right(e.privilege_type), e.is_grantable
from pg_database d, aclexplode(d.datacl) e where e.privilege_type <> 'CONNECT' and not d.datistemplate
union all
select case p.prokind when 'p' then 'procedure' else 'function' end, p.oid, n.nspname,
    p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')', null, p.proowner, e.grantor, e.grantee, e.privilege_type, e.is_grantable
from pg_proc p join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) e where not pg_internal.wf_is_system_schema(n.nspname);

-- What an identity is called in every one of these views, and whether the reader may see it.
create or replace view pg_internal.wf_identities as
select i.oid, pg_internal.wf_name(i.oid) as name, pg_internal.wf_kind(i.oid) as kind,
    i.oid = 0 or pg_has_role(current_user, i.oid, 'member') as mine
from (select oid from pg_roles where oid <> 10 union all select 0::oid) i
where pg_internal.wf_kind(i.oid) is not null;

create or replace view pg_internal.wf_visible_grants as
with me as materialized (select pg_internal.wf_sees_all(current_user) as sees_all)
select g.*, i.name as identity_name, i.kind as identity_type
from pg_internal.wf_grants g join pg_internal.wf_identities i on i.oid = g.grantee cross join me
where g.grantee <> g.owner and (me.sees_all or i.mine or pg_has_role(g.owner, 'usage'));

create or replace view pg_catalog.svv_relation_privileges as
select nspname::text as namespace_name, object_name::text as relation_name, privilege::text as privilege_type, grantee::int as identity_id,
    identity_name::text as identity_name, identity_type::text as identity_type, is_grantable as admin_option
from pg_internal.wf_visible_grants where object_type = 'table';

create or replace view pg_catalog.svv_column_privileges as
select nspname::text as namespace_name, object_name::text as relation_name, column_name::text as column_name, privilege::text as privilege_type,
    grantee::int as identity_id, identity_name::text as identity_name, identity_type::text as identity_type
from pg_internal.wf_visible_grants where object_type = 'column';

create or replace view pg_catalog.svv_function_privileges as
select g.nspname::text as namespace_name, p.proname::text as function_name, oidvectortypes(p.proargtypes)::text as argument_types,
    g.privilege::text as privilege_type, g.grantee::int as identity_id, g.identity_name::text as identity_name,
    g.identity_type::text as identity_type, g.is_grantable as admin_option
from pg_internal.wf_visible_grants g join pg_proc p on p.oid = g.object where g.object_type in ('function', 'procedure');

create or replace view pg_internal.wf_scope_grants as
with me as materialized (select pg_internal.wf_sees_all(current_user) as sees_all)
select s.schema, n.nspname, s.scope, s.privilege, m.member as grantee, i.name as identity_name, i.kind as identity_type, m.admin_option
from pg_internal.wf_scopes s
join pg_auth_members m on m.roleid = s.role
join pg_internal.wf_identities i on i.oid = m.member
cross join me
left join pg_namespace n on n.oid = s.schema
where me.sees_all or i.mine;

create or replace view pg_catalog.svv_schema_privileges as
select nspname::text as namespace_name, privilege::text as privilege_type, grantee::int as identity_id, identity_name::text as identity_name,
    identity_type::text as identity_type, is_grantable as admin_option, 'SCHEMA'::text as privilege_scope
from pg_internal.wf_visible_grants where object_type = 'schema'
union all
select nspname, privilege, grantee::int, identity_name, identity_type, admin_option, scope
from pg_internal.wf_scope_grants where schema <> 0 and nspname is not null;

create or replace view pg_catalog.svv_database_privileges as
select object_name::text as database_name, privilege::text as privilege_type, grantee::int as identity_id, identity_name::text as identity_name,
    identity_type::text as identity_type, is_grantable as admin_option, 'DATABASE'::text as privilege_scope
from pg_internal.wf_visible_grants where object_type = 'database'
union all
select current_database(), privilege, grantee::int, identity_name, identity_type, admin_option, scope
from pg_internal.wf_scope_grants where schema = 0;

create or replace view pg_catalog.svv_default_privileges as
with me as materialized (select pg_internal.wf_sees_all(current_user) as sees_all)
select n.nspname::text as schema_name, case d.defaclobjtype when 'r' then 'RELATION' else 'FUNCTION' end::text as object_type,
    d.defaclrole::int as owner_id, pg_internal.wf_name(d.defaclrole)::text as owner_name, 'user'::text as owner_type,
    pg_internal.wf_redshift_right(e.privilege_type)::text as privilege_type, e.grantee::int as grantee_id, i.name::text as grantee_name,
    i.kind::text as grantee_type, e.is_grantable as admin_option
from pg_default_acl d
left join pg_namespace n on n.oid = d.defaclnamespace
cross join lateral aclexplode(d.defaclacl) e
join pg_internal.wf_identities i on i.oid = e.grantee
cross join me
where d.defaclobjtype in ('r', 'f') and e.grantee <> d.defaclrole
    and not (d.defaclobjtype = 'f' and d.defaclnamespace = 0 and e.grantee = 0)
    and (me.sees_all or i.mine or pg_has_role(d.defaclrole, 'usage'));

create or replace view pg_catalog.svv_user_grants as
select u.oid::int as user_id, u.rolname::text as user_name, r.oid::int as role_id, substr(r.rolname, 3)::text as role_name, m.admin_option
from pg_auth_members m join pg_roles r on r.oid = m.roleid join pg_internal.wf_users u on u.oid = m.member
where left(r.rolname, 2) = 'r/' and (pg_internal.wf_sees_all(current_user) or u.rolname = current_user);

create or replace view pg_catalog.svv_role_grants as
select r.oid::int as role_id, substr(r.rolname, 3)::text as role_name, g.oid::int as granted_role_id, substr(g.rolname, 3)::text as granted_role_name
from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
where left(r.rolname, 2) = 'r/' and left(g.rolname, 2) = 'r/'
    and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

create or replace view pg_catalog.svv_roles as
select r.oid::int as role_id, substr(r.rolname, 3)::text as role_name,
    coalesce(pg_internal.wf_name((a ->> 'owner')::oid), 'rdsdb')::text as role_owner, (a ->> 'externalid')::text as external_id
from pg_authid r, lateral (select pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb) note(a)
where left(r.rolname, 2) = 'r/' and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

create or replace view pg_catalog.svv_system_privileges as
select p.privilege::text as system_privilege, r.oid::int as identity_id, substr(r.rolname, 3)::text as identity_name, 'role'::text as identity_type
from pg_authid r, jsonb_array_elements_text(pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb -> 'privileges') p(privilege)
where left(r.rolname, 2) = 'r/' and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

grant select on pg_catalog.svv_relation_privileges, pg_catalog.svv_column_privileges, pg_catalog.svv_function_privileges,
    pg_catalog.svv_schema_privileges, pg_catalog.svv_database_privileges, pg_catalog.svv_default_privileges, pg_catalog.svv_user_grants,
    pg_catalog.svv_role_grants, pg_catalog.svv_roles, pg_catalog.svv_system_privileges to public;
