-- Who the caller is, and what a role of the engine is in Redshift: a user, a group or a role.

-- Who the session acts as. SET SESSION AUTHORIZATION is a SET ROLE of the engine, and current_user is no help:
-- inside a security definer function it is the function's owner. Source: sandbox, internal.
create or replace function pg_internal.wf_caller() returns oid
language sql stable set search_path = pg_catalog
as $$
    select oid
    from pg_roles
    where rolname = case current_setting('role')
        when 'none' then session_user::text
        else current_setting('role')
    end
$$;

-- Whether `role` is a superuser by Redshift's rules. Source: sandbox, internal.
create or replace function pg_internal.wf_is_superuser(role oid) returns boolean
language sql stable set search_path = pg_catalog
as $$ select pg_has_role(role, 'wf_superuser', 'member') $$;

-- Whether a schema belongs to the system, so that grants, listings and DDL records leave it out.
-- Source: redshift-facts §4.4.
create or replace function pg_internal.wf_is_system_schema(name text) returns boolean
language sql immutable
as $$ select left(name, 3) = 'pg_' or name in ('information_schema', 'catalog_history') $$;

-- What the engine has no place for, as JSON: kind, password digest, limits, system privileges. It is kept where the
-- engine keeps a role's password, which all databases share, which is part of the transaction, and which nobody
-- else can read. The sandbox checks passwords itself. Source: sandbox, internal.
create or replace function pg_internal.wf_properties(role oid) returns jsonb
language sql stable set search_path = pg_catalog
as $$
    select pg_internal.wf_parsed(coalesce(rolpassword, '{}'))::jsonb
    from pg_authid
    where oid = role
$$;

-- Replaces what wf_properties reads. Source: sandbox, internal.
create or replace function pg_internal.wf_set_properties(role oid, about jsonb) returns void
language sql set search_path = pg_catalog
as $$
    update pg_authid set rolpassword = about::text where oid = role
$$;

-- user, group, role or public; NULL for a role of the engine that is no Redshift identity. Role 10 is rdsdb.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_kind(role oid) returns text
language sql stable security definer set search_path = pg_catalog
as $$
    select case
        when role = 0 then 'public'
        when role = 10 then 'user'
        when left(rolname, 2) = 'g/' then 'group'
        when left(rolname, 2) = 'r/' then 'role'
        when pg_internal.wf_parsed(coalesce(rolpassword, '{}'))::jsonb ->> 'kind' = 'user'
            then 'user'
    end
    from (select 1) one
    left join pg_authid on oid = role
$$;

-- The name of a user, group or role as Redshift shows it. Source: sandbox, internal.
create or replace function pg_internal.wf_name(role oid) returns text
language sql stable set search_path = pg_catalog
as $$
    select case
        when role = 0 then 'public'
        when left(rolname, 2) in ('g/', 'r/') then substr(rolname, 3)
        else rolname::text
    end
    from (select 1) one
    left join pg_roles on oid = role
$$;

-- The engine's role for a user's name, or NULL. Source: sandbox, internal.
create or replace function pg_internal.wf_user_oid(name text) returns oid
language sql stable security definer set search_path = pg_catalog
as $$
    select oid from pg_authid where rolname = name and pg_internal.wf_kind(oid) = 'user'
$$;

-- The engine's role for a group's name, or NULL. Source: sandbox, internal.
create or replace function pg_internal.wf_group_oid(name text) returns oid
language sql stable set search_path = pg_catalog
as $$
    select oid from pg_roles where rolname = 'g/' || name
$$;

-- The engine's role for a role's name, or NULL. Source: sandbox, internal.
create or replace function pg_internal.wf_role_oid(name text) returns oid
language sql stable set search_path = pg_catalog
as $$
    select oid from pg_roles where rolname = 'r/' || name
$$;
