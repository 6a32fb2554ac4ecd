-- Scoped permissions. A scope is a hidden role 's/<database>/<schema or 0>/<TABLES|FUNCTIONS|…>/<privilege>' that
-- holds the right on every object in the scope and gets it on each new one. Whoever holds the permission is a
-- member of that role, so it is separate from grants on the objects themselves, as in Redshift (redshift-facts
-- §4.2).

-- The name of a scope's hidden role in this database. Source: sandbox, internal.
create or replace function pg_internal.wf_scope_name(schema oid, scope text, privilege text)
returns text
language sql stable set search_path = pg_catalog
as $$
    select format('s/%s/%s/%s/%s', d.oid, schema, scope, privilege)
    from pg_database d
    where d.datname = current_database()
$$;

-- The scopes of this database, from the names of their hidden roles. Source: sandbox, internal.
create or replace view pg_internal.wf_scopes as
select r.oid as role, r.rolname, (parts[3])::oid as schema, parts[4] as scope, parts[5] as privilege
from pg_roles r, string_to_array(r.rolname, '/') parts
where left(r.rolname, 2) = 's/'
    and parts[2] = (select oid::text from pg_database where datname = current_database());

-- The engine's right for a privilege. DROP is kept as MAINTAIN and ALTER as TRIGGER: Redshift has neither of those
-- two, and a right of the engine is transactional and blocks DROP USER like any other. Source: sandbox, internal.
create or replace function pg_internal.wf_engine_right(privilege text) returns text
language sql immutable
as $$
    select case privilege when 'DROP' then 'MAINTAIN' when 'ALTER' then 'TRIGGER' else privilege end
$$;

-- Grants a scope's right on one object to the scope's role. Source: sandbox, internal.
create or replace function pg_internal.wf_grant_scope_on(
    role name,
    scope text,
    privilege text,
    object oid
) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    if scope = 'TABLES' then
        execute format(
            'grant %s on %s to %I', pg_internal.wf_engine_right(privilege), object::regclass, role
        );
    elsif scope = 'SCHEMAS' then
        execute format('grant %s on schema %s to %I', privilege, object::regnamespace, role);
    elsif scope in ('FUNCTIONS', 'PROCEDURES') then
        execute format('grant %s on routine %s to %I', privilege, object::regprocedure, role);
    end if;
end
$$;

-- The objects a scope covers: those of one schema, or of the database when `in_schema` is 0.
-- Source: redshift-facts §4.2.
create or replace function pg_internal.wf_objects_in_scope(in_schema oid, scope text)
returns setof oid
language sql stable set search_path = pg_catalog
as $$
    select c.oid
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where scope = 'TABLES'
        and c.relkind in ('r', 'v', 'm')
        and not pg_internal.wf_is_system_schema(n.nspname)
        and in_schema in (0, n.oid)
    union all
    select n.oid
    from pg_namespace n
    where scope = 'SCHEMAS' and not pg_internal.wf_is_system_schema(n.nspname)
    union all
    select p.oid
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where scope = case p.prokind when 'p' then 'PROCEDURES' else 'FUNCTIONS' end
        and not pg_internal.wf_is_system_schema(n.nspname)
        and in_schema in (0, n.oid)
$$;

-- Adds a new table, schema or routine to the scopes that cover it. Source: redshift-facts §4.2.
create or replace function pg_internal.wf_grant_scopes(object oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    found_scope record;
begin
    for found_scope in
        select s.rolname, s.scope, s.privilege
        from pg_internal.wf_scopes s
        where object in (select pg_internal.wf_objects_in_scope(s.schema, s.scope))
    loop
        perform pg_internal.wf_grant_scope_on(
            found_scope.rolname, found_scope.scope, found_scope.privilege, object
        );
    end loop;
end
$$;

-- The role of a scope; made, with the right on every object there, when nobody has asked for it before.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_scope_role(in_schema oid, scope text, privilege text)
returns oid
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

-- GRANT and REVOKE … FOR TABLES | SCHEMAS | FUNCTIONS | PROCEDURES IN. `request` has grant, scope, privileges,
-- schema (null for the database), database, grantees, option. Source: redshift-facts §4.2.
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
        raise exception using
            errcode = '0A000',
            message = 'scoped permissions are granted in the connected database only';
    end if;
    if request ->> 'schema' is not null then
        select oid into in_schema from pg_namespace where nspname = request ->> 'schema';
        if in_schema is null then
            raise exception using
                errcode = '3F000',
                message = format('schema "%s" does not exist', request ->> 'schema');
        end if;
    end if;
    for privilege in select jsonb_array_elements_text(request -> 'privileges') loop
        role := pg_internal.wf_scope_role(in_schema, request ->> 'scope', privilege);
        if not (
            pg_internal.wf_is_superuser(pg_internal.wf_caller())
            or pg_has_role(pg_internal.wf_caller(), role, 'member with admin option')
        ) then
            raise exception using
                errcode = '42501',
                message = 'permission denied to grant scoped permissions';
        end if;
        for grantee in select jsonb_array_elements(request -> 'grantees') loop
            if (request ->> 'grant')::boolean then
                perform pg_internal.wf_link(
                    role,
                    pg_internal.wf_grantee(grantee),
                    false,
                    coalesce((request ->> 'option')::boolean, false)
                );
            else
                perform pg_internal.wf_unlink(role, pg_internal.wf_grantee(grantee));
            end if;
        end loop;
    end loop;
end
$$;
