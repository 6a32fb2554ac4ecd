-- What belongs to the sandbox itself. Nothing in pg_internal is listed. Its functions serve the views that everybody
-- reads, so the schema is open; its tables are not, and what changes something checks who asks.
create schema if not exists pg_internal;
grant usage on schema pg_internal to public;

do $$
declare
    role text;
begin
    perform pg_advisory_xact_lock(4700);
    -- The mark of a superuser by Redshift's rules: an ordinary role here, a member of every user's role.
    if not exists (select from pg_roles where rolname = 'wf_superuser') then
        create role wf_superuser nologin;
        grant pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend, pg_maintain to wf_superuser;
    end if;
    foreach role in array array['sys:operator', 'sys:dba', 'sys:superuser', 'sys:secadmin', 'sys:monitor'] loop
        if not exists (select from pg_roles where rolname = 'r/' || role) then
            execute format('create role %I nologin', 'r/' || role);
        end if;
    end loop;
end
$$;

-- Who the session acts as: SET SESSION AUTHORIZATION is a SET ROLE here, and current_user is the owner's name inside
-- a function that runs with its owner's rights.
create or replace function pg_internal.wf_caller() returns oid
language sql stable set search_path = pg_catalog
as $$
    select oid from pg_roles
    where rolname = case current_setting('role') when 'none' then session_user::text else current_setting('role') end
$$;

create or replace function pg_internal.wf_is_superuser(role oid) returns boolean
language sql stable set search_path = pg_catalog
as $$ select pg_has_role(role, 'wf_superuser', 'member') $$;

create or replace function pg_internal.wf_is_system_schema(name text) returns boolean
language sql immutable
as $$ select left(name, 3) = 'pg_' or name in ('information_schema', 'catalog_history') $$;

-- What the engine has no place for stands as JSON where it keeps a password: shared by all databases, part of the
-- transaction, read by nobody else. The sandbox checks passwords itself.
create or replace function pg_internal.wf_about(role oid) returns jsonb
language sql stable set search_path = pg_catalog
as $$ select pg_internal.wf_parsed(coalesce(rolpassword, '{}'))::jsonb from pg_authid where oid = role $$;

create or replace function pg_internal.wf_note(role oid, about jsonb) returns void
language sql set search_path = pg_catalog
as $$ update pg_authid set rolpassword = about::text where oid = role $$;

-- user, group, role, or NULL for what is no Redshift identity.
create or replace function pg_internal.wf_kind(role oid) returns text
language sql stable security definer set search_path = pg_catalog
as $$
    select case
        when role = 0 then 'public'
        when role = 10 then 'user'
        when left(rolname, 2) = 'g/' then 'group'
        when left(rolname, 2) = 'r/' then 'role'
        when pg_internal.wf_parsed(coalesce(rolpassword, '{}'))::jsonb ->> 'kind' = 'user' then 'user'
    end
    from (select 1) one left join pg_authid on oid = role
$$;

-- The name as Redshift shows it.
create or replace function pg_internal.wf_name(role oid) returns text
language sql stable set search_path = pg_catalog
as $$
    select case
        when role = 0 then 'public'
        when left(rolname, 2) in ('g/', 'r/') then substr(rolname, 3)
        else rolname::text
    end
    from (select 1) one left join pg_roles on oid = role
$$;

create or replace function pg_internal.wf_user_oid(name text) returns oid
language sql stable security definer set search_path = pg_catalog
as $$ select oid from pg_authid where rolname = name and pg_internal.wf_kind(oid) = 'user' $$;

create or replace function pg_internal.wf_group_oid(name text) returns oid
language sql stable set search_path = pg_catalog
as $$ select oid from pg_roles where rolname = 'g/' || name $$;

create or replace function pg_internal.wf_role_oid(name text) returns oid
language sql stable set search_path = pg_catalog
as $$ select oid from pg_roles where rolname = 'r/' || name $$;
