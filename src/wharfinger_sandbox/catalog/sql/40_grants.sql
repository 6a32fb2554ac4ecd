-- Roles, their members and system privileges; scoped permissions. Grants on objects are the engine's own: only their
-- grantees are spelled differently. DROP is kept as the engine's MAINTAIN and ALTER as its TRIGGER, two rights that
-- Redshift does not have, so that both are transactional and stand in the way of DROP USER like any other.

create or replace procedure pg_catalog.wf_create_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text := request ->> 'name';
begin
    perform pg_internal.wf_must_hold('CREATE ROLE');
    if pg_internal.wf_role_oid(name) is not null then
        raise exception using errcode = '42710', message = format('role "r/%s" already exists', name);
    end if;
    if pg_internal.wf_user_oid(name) is not null then
        raise exception using errcode = '42710', message = format('user "%s" already exists', name);
    end if;
    execute format('create role %I nologin', 'r/' || name);
    perform pg_internal.wf_note(pg_internal.wf_role_oid(name), jsonb_build_object(
        'kind', 'role', 'owner', pg_internal.wf_caller()::bigint, 'externalid', request -> 'externalid', 'privileges', '[]'::jsonb));
end
$$;

create or replace function pg_internal.wf_must_own_role(role oid, privilege text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not (pg_internal.wf_holds(privilege) or (pg_internal.wf_about(role) ->> 'owner')::bigint = pg_internal.wf_caller()) then
        raise exception using errcode = '42501', message = format('must be owner of role %s', pg_internal.wf_name(role));
    end if;
    if left(pg_internal.wf_name(role), 4) = 'sys:' and privilege <> 'GRANT ROLE' then
        raise exception using errcode = '42501', message = format('cannot change system role "%s"', pg_internal.wf_name(role));
    end if;
end
$$;

create or replace procedure pg_catalog.wf_alter_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    role oid := pg_internal.wf_known_role(request ->> 'name');
begin
    perform pg_internal.wf_must_own_role(role, 'ALTER ROLE');
    if request ? 'rename' then
        if pg_internal.wf_role_oid(request ->> 'rename') is not null then
            raise exception using errcode = '42710', message = format('role "r/%s" already exists', request ->> 'rename');
        end if;
        execute format('alter role %I rename to %I', 'r/' || (request ->> 'name'), 'r/' || (request ->> 'rename'));
    end if;
    if request ? 'owner' then
        perform pg_internal.wf_note(role, pg_internal.wf_about(role)
            || jsonb_build_object('owner', pg_internal.wf_known_user(request ->> 'owner')::bigint));
    end if;
    if request ? 'externalid' then
        perform pg_internal.wf_note(role, pg_internal.wf_about(role) || jsonb_build_object('externalid', request -> 'externalid'));
    end if;
end
$$;

create or replace procedure pg_catalog.wf_drop_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    role oid := pg_internal.wf_known_role(request ->> 'name');
begin
    perform pg_internal.wf_must_own_role(role, 'DROP ROLE');
    if not coalesce((request ->> 'force')::boolean, false)
        and exists (select from pg_auth_members where roleid = role or (member = role and left(pg_internal.wf_name(roleid), 2) <> 's/'))
    then
        raise exception using errcode = '2BP01',
            message = format('role "%s" cannot be dropped because it is granted; use FORCE', request ->> 'name');
    end if;
    if pg_internal.wf_obstacle(role) is not null then
        if not coalesce((request ->> 'force')::boolean, false) then
            raise exception using errcode = '55006',
                message = format('role "%s" can''t be dropped because the role has a privilege on some object', request ->> 'name');
        end if;
        execute format('drop owned by %I', 'r/' || (request ->> 'name'));
    end if;
    perform pg_internal.wf_bury(role);
end
$$;

-- {"type": "user" | "role" | "group" | "public", "name": …} -> the engine's role.
create or replace function pg_internal.wf_grantee(grantee jsonb) returns oid
language sql stable set search_path = pg_catalog
as $$
    select case grantee ->> 'type'
        when 'role' then pg_internal.wf_known_role(grantee ->> 'name')
        when 'group' then pg_internal.wf_known_group(grantee ->> 'name')
        when 'public' then 0::oid
        else pg_internal.wf_known_user(grantee ->> 'name')
    end
$$;

create or replace function pg_internal.wf_may_grant_role(role oid) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not (pg_internal.wf_holds('GRANT ROLE') or (pg_internal.wf_about(role) ->> 'owner')::bigint = pg_internal.wf_caller()
        or pg_has_role(pg_internal.wf_caller(), role, 'member with admin option'))
    then
        raise exception using errcode = '42501', message = format('permission denied to grant role "%s"', pg_internal.wf_name(role));
    end if;
end
$$;

create or replace procedure pg_catalog.wf_grant_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text;
    grantee jsonb;
    role oid;
    member oid;
begin
    for name in select jsonb_array_elements_text(request -> 'roles') loop
        role := pg_internal.wf_known_role(name);
        perform pg_internal.wf_may_grant_role(role);
        for grantee in select jsonb_array_elements(request -> 'to') loop
            member := pg_internal.wf_grantee(grantee);
            if role = member or pg_has_role(role, member, 'member') and grantee ->> 'type' = 'role' then
                raise exception using errcode = '0LP01', message = format('role "%s" is a member of role "%s"',
                    pg_internal.wf_name(member), name);
            end if;
            perform pg_internal.wf_link(role, member, false, coalesce((request ->> 'admin')::boolean, false));
        end loop;
    end loop;
end
$$;

create or replace procedure pg_catalog.wf_revoke_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text;
    grantee jsonb;
begin
    for name in select jsonb_array_elements_text(request -> 'roles') loop
        perform pg_internal.wf_may_grant_role(pg_internal.wf_known_role(name));
        for grantee in select jsonb_array_elements(request -> 'from') loop
            if (request ->> 'admin')::boolean then
                update pg_auth_members set admin_option = false
                where roleid = pg_internal.wf_role_oid(name) and member = pg_internal.wf_grantee(grantee);
            else
                perform pg_internal.wf_unlink(pg_internal.wf_role_oid(name), pg_internal.wf_grantee(grantee));
            end if;
        end loop;
    end loop;
end
$$;

-- GRANT CREATE USER, ACCESS SYSTEM TABLE, … TO ROLE r, and REVOKE.
create or replace procedure pg_catalog.wf_system_privileges(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text;
    role oid;
    held jsonb;
    one text;
begin
    perform pg_internal.wf_must_be_superuser('grant system privileges');
    for name in select jsonb_array_elements_text(request -> 'roles') loop
        role := pg_internal.wf_known_role(name);
        held := coalesce(pg_internal.wf_about(role) -> 'privileges', '[]');
        for one in select jsonb_array_elements_text(request -> 'privileges') loop
            held := held - one;
            if (request ->> 'grant')::boolean then
                held := held || to_jsonb(one);
            end if;
        end loop;
        perform pg_internal.wf_note(role, pg_internal.wf_about(role) || jsonb_build_object('kind', 'role', 'privileges', held));
    end loop;
end
$$;

-- GRANT and REVOKE on the system views that are closed to ordinary users (redshift-facts §4.4).
create or replace procedure pg_catalog.wf_grant_system(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    relation text;
    grantee jsonb;
begin
    for relation in select jsonb_array_elements_text(request -> 'relations') loop
        perform pg_internal.wf_must_be_superuser_for(relation);
        for grantee in select jsonb_array_elements(request -> 'grantees') loop
            execute format(case when (request ->> 'grant')::boolean then 'grant select on pg_catalog.%I to %s'
                else 'revoke select on pg_catalog.%I from %s' end, relation,
                case pg_internal.wf_grantee(grantee) when 0 then 'public'
                    else pg_internal.wf_grantee(grantee)::regrole::text end);
        end loop;
    end loop;
end
$$;

create or replace function pg_internal.wf_must_be_superuser_for(relation text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using errcode = '42501', message = format('permission denied for relation %s', relation);
    end if;
end
$$;

-- Scoped permissions. A scope is a hidden role 's/<database>/<schema or 0>/<TABLES|FUNCTIONS|…>/<privilege>' that holds
-- the right on every object there and gets it on each new one; to hold the permission is to be its member. So it is
-- apart from grants on the objects themselves, as in Redshift.
create or replace function pg_internal.wf_scope_name(schema oid, scope text, privilege text) returns text
language sql stable set search_path = pg_catalog
as $$
    select format('s/%s/%s/%s/%s', d.oid, schema, scope, privilege) from pg_database d where d.datname = current_database()
$$;

create or replace view pg_internal.wf_scopes as
select r.oid as role, r.rolname, (parts[3])::oid as schema, parts[4] as scope, parts[5] as privilege
from pg_roles r, string_to_array(r.rolname, '/') parts
where left(r.rolname, 2) = 's/' and parts[2] = (select oid::text from pg_database where datname = current_database());

create or replace function pg_internal.wf_engine_right(privilege text) returns text
language sql immutable
as $$ select case privilege when 'DROP' then 'MAINTAIN' when 'ALTER' then 'TRIGGER' else privilege end $$;

create or replace function pg_internal.wf_grant_scope_on(role name, scope text, privilege text, object oid) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    if scope = 'TABLES' then
        execute format('grant %s on %s to %I', pg_internal.wf_engine_right(privilege), object::regclass, role);
    elsif scope = 'SCHEMAS' then
        execute format('grant %s on schema %s to %I', privilege, object::regnamespace, role);
    elsif scope in ('FUNCTIONS', 'PROCEDURES') then
        execute format('grant %s on routine %s to %I', privilege, object::regprocedure, role);
    end if;
end
$$;

create or replace function pg_internal.wf_objects_in_scope(in_schema oid, scope text) returns setof oid
language sql stable set search_path = pg_catalog
as $$
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where scope = 'TABLES' and c.relkind in ('r', 'v', 'm') and not pg_internal.wf_is_system_schema(n.nspname)
        and in_schema in (0, n.oid)
    union all
    select n.oid from pg_namespace n where scope = 'SCHEMAS' and not pg_internal.wf_is_system_schema(n.nspname)
    union all
    select p.oid from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where scope = case p.prokind when 'p' then 'PROCEDURES' else 'FUNCTIONS' end
        and not pg_internal.wf_is_system_schema(n.nspname) and in_schema in (0, n.oid)
$$;

-- A new table, schema or function joins the scopes it lies in.
create or replace function pg_internal.wf_grant_scopes(object oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    found_scope record;
begin
    for found_scope in
        select s.rolname, s.scope, s.privilege from pg_internal.wf_scopes s
        where object in (select pg_internal.wf_objects_in_scope(s.schema, s.scope))
    loop
        perform pg_internal.wf_grant_scope_on(found_scope.rolname, found_scope.scope, found_scope.privilege, object);
    end loop;
end
$$;

create or replace function pg_internal.wf_scope_role(in_schema oid, scope text, privilege text) returns oid
language plpgsql set search_path = pg_catalog
as $$
declare
    name text := pg_internal.wf_scope_name(in_schema, scope, privilege);
    object oid;
begin
    if not exists (select from pg_roles where rolname = name) then
        execute format('create role %I nologin', name);
        for object in select pg_internal.wf_objects_in_scope(in_schema, scope) loop
            perform pg_internal.wf_grant_scope_on(name::name, scope, privilege, object);
        end loop;
    end if;
    return (select oid from pg_roles where rolname = name);
end
$$;

-- request: grant, scope, privileges, schema (null for the database), database, grantees, option.
create or replace procedure pg_catalog.wf_scoped(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    in_schema oid := 0;
    privilege text;
    grantee jsonb;
    role oid;
begin
    if coalesce(request ->> 'database', current_database()) <> current_database() then
        raise exception using errcode = '0A000', message = 'scoped permissions are granted in the connected database only';
    end if;
    if request ->> 'schema' is not null then
        select oid into in_schema from pg_namespace where nspname = request ->> 'schema';
        if in_schema is null then
            raise exception using errcode = '3F000', message = format('schema "%s" does not exist', request ->> 'schema');
        end if;
    end if;
    for privilege in select jsonb_array_elements_text(request -> 'privileges') loop
        role := pg_internal.wf_scope_role(in_schema, request ->> 'scope', privilege);
        if not (pg_internal.wf_is_superuser(pg_internal.wf_caller())
            or pg_has_role(pg_internal.wf_caller(), role, 'member with admin option'))
        then
            raise exception using errcode = '42501', message = 'permission denied to grant scoped permissions';
        end if;
        for grantee in select jsonb_array_elements(request -> 'grantees') loop
            if (request ->> 'grant')::boolean then
                perform pg_internal.wf_link(role, pg_internal.wf_grantee(grantee), false,
                    coalesce((request ->> 'option')::boolean, false));
            else
                perform pg_internal.wf_unlink(role, pg_internal.wf_grantee(grantee));
            end if;
        end loop;
    end loop;
end
$$;
