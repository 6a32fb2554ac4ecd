-- Grants read back (redshift-facts §4.5): explicit grants only, nothing for owners, superusers or through
-- membership.

-- The privilege for a right of the engine: the reverse of wf_engine_right. Source: sandbox, internal.
create or replace function pg_internal.wf_redshift_right(privilege text) returns text
language sql immutable parallel safe
as $$
    select case privilege
        when 'MAINTAIN' then 'DROP'
        when 'TRIGGER' then 'ALTER'
        when 'TEMPORARY' then 'TEMP'
        else privilege
    end
$$;

-- Whether a user reads rows about everybody: superusers, holders of ACCESS SYSTEM TABLE, and users with SYSLOG
-- ACCESS UNRESTRICTED. Source: redshift-facts §4.5.
create or replace function pg_internal.wf_sees_all(person name) returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select pg_has_role(person, 'wf_superuser', 'member')
        or coalesce(
            (
                select pg_internal.wf_parsed(rolpassword)::jsonb ->> 'syslog' = 'UNRESTRICTED'
                from pg_authid
                where rolname = person
            ),
            false
        )
        or exists (
            select
            from pg_authid r
            where left(r.rolname, 2) = 'r/'
                and r.rolpassword is not null
                and pg_internal.wf_parsed(r.rolpassword)::jsonb -> 'privileges' ? 'ACCESS SYSTEM TABLE'
                and pg_has_role(person, r.oid, 'member')
        )
$$;

-- Every grant of this database, from the engine's access lists. Source: sandbox, internal.
create or replace view pg_internal.wf_grants as
select
    'table' as object_type,
    c.oid as object,
    n.nspname,
    c.relname::text as object_name,
    null::text as column_name,
    c.relowner as owner,
    e.grantor,
    e.grantee,
    pg_internal.wf_redshift_right(e.privilege_type) as privilege,
    e.is_grantable
from pg_class c
join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) e
where c.relkind in ('r', 'v', 'm', 'f')
    and n.nspname <> 'pg_internal'
    and not (n.nspname in ('pg_catalog', 'information_schema') and e.grantee in (0, 10))
union all
select
    'column', c.oid, n.nspname, c.relname, a.attname, c.relowner, e.grantor, e.grantee,
    e.privilege_type, e.is_grantable
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace, aclexplode(a.attacl) e
where a.attacl is not null and not pg_internal.wf_is_system_schema(n.nspname)
union all
select
    'schema', n.oid, n.nspname, n.nspname, null, n.nspowner, e.grantor, e.grantee, e.privilege_type,
    e.is_grantable
from pg_namespace n, aclexplode(n.nspacl) e
where not pg_internal.wf_is_system_schema(n.nspname)
union all
select
    'database',
    d.oid,
    null,
    d.datname,
    null,
    d.datdba,
    e.grantor,
    e.grantee,
    pg_internal.wf_redshift_right(e.privilege_type),
    e.is_grantable
from pg_database d, aclexplode(d.datacl) e
where e.privilege_type <> 'CONNECT' and not d.datistemplate
union all
select
    case p.prokind when 'p' then 'procedure' else 'function' end,
    p.oid,
    n.nspname,
    p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    null,
    p.proowner,
    e.grantor,
    e.grantee,
    e.privilege_type,
    e.is_grantable
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace, aclexplode(p.proacl) e
where not pg_internal.wf_is_system_schema(n.nspname);

-- Users, groups, roles and PUBLIC with their Redshift names; `mine`: the user's own or one it is a member of.
-- Source: sandbox, internal.
create or replace view pg_internal.wf_identities as
select
    i.oid,
    pg_internal.wf_name(i.oid) as name,
    pg_internal.wf_kind(i.oid) as kind,
    i.oid = 0 or pg_has_role(current_user, i.oid, 'member') as mine
from (
    select oid
    from pg_roles
    where oid <> 10
    union all
    select 0::oid
) i
where pg_internal.wf_kind(i.oid) is not null;

-- The grants that the user may see; an owner's rights are no grant. Source: redshift-facts §4.5.
create or replace view pg_internal.wf_visible_grants as
with me as materialized (
    select pg_internal.wf_sees_all(current_user) as sees_all
)
select g.*, i.name as identity_name, i.kind as identity_type
from pg_internal.wf_grants g
join pg_internal.wf_identities i on i.oid = g.grantee
cross join me
where g.grantee <> g.owner and (me.sees_all or i.mine or pg_has_role(g.owner, 'usage'));

-- The scoped permissions that the user may see. Source: redshift-facts §4.2, §4.5.
create or replace view pg_internal.wf_scope_grants as
with me as materialized (
    select pg_internal.wf_sees_all(current_user) as sees_all
)
select
    s.schema,
    n.nspname,
    s.scope,
    s.privilege,
    m.member as grantee,
    i.name as identity_name,
    i.kind as identity_type,
    m.admin_option
from pg_internal.wf_scopes s
join pg_auth_members m on m.roleid = s.role
join pg_internal.wf_identities i on i.oid = m.member
cross join me
left join pg_namespace n on n.oid = s.schema
where me.sees_all or i.mine;
