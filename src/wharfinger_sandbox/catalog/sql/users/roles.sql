-- CREATE ROLE, ALTER ROLE and DROP ROLE.

-- CREATE ROLE. A role may not have a user's name. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_create_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text := request ->> 'name';
begin
    perform pg_internal.wf_must_hold('CREATE ROLE');
    if pg_internal.wf_role_oid(name) is not null then
        raise exception using
            errcode = '42710',
            message = format('role "r/%s" already exists', name);
    end if;
    if pg_internal.wf_user_oid(name) is not null then
        raise exception using errcode = '42710', message = format('user "%s" already exists', name);
    end if;
    execute format('create role %I nologin', 'r/' || name);
    perform pg_internal.wf_set_properties(
        pg_internal.wf_role_oid(name),
        jsonb_build_object(
            'kind', 'role',
            'owner', pg_internal.wf_caller()::bigint,
            'externalid', request -> 'externalid',
            'privileges', '[]'::jsonb
        )
    );
end
$$;

-- Refuses a caller who neither owns the role nor holds the system privilege, and changes of system roles. The texts
-- are unverified. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_must_own_role(role oid, privilege text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not (
        pg_internal.wf_holds(privilege)
        or (pg_internal.wf_properties(role) ->> 'owner')::bigint = pg_internal.wf_caller()
    ) then
        raise exception using
            errcode = '42501',
            message = format('must be owner of role %s', pg_internal.wf_name(role));
    end if;
    if left(pg_internal.wf_name(role), 4) = 'sys:' and privilege <> 'GRANT ROLE' then
        raise exception using
            errcode = '42501',
            message = format('cannot change system role "%s"', pg_internal.wf_name(role));
    end if;
end
$$;

-- ALTER ROLE: RENAME TO, OWNER TO, EXTERNALID. Source: unverified.
create or replace procedure pg_catalog.wf_alter_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    role oid := pg_internal.wf_known_role(request ->> 'name');
begin
    perform pg_internal.wf_must_own_role(role, 'ALTER ROLE');
    if request ? 'rename' then
        if pg_internal.wf_role_oid(request ->> 'rename') is not null then
            raise exception using
                errcode = '42710',
                message = format('role "r/%s" already exists', request ->> 'rename');
        end if;
        execute format(
            'alter role %I rename to %I',
            'r/' || (request ->> 'name'),
            'r/' || (request ->> 'rename')
        );
    end if;
    if request ? 'owner' then
        perform pg_internal.wf_set_properties(
            role,
            pg_internal.wf_properties(role)
                || jsonb_build_object(
                    'owner', pg_internal.wf_known_user(request ->> 'owner')::bigint
                )
        );
    end if;
    if request ? 'externalid' then
        perform pg_internal.wf_set_properties(
            role,
            pg_internal.wf_properties(role) || jsonb_build_object('externalid', request -> 'externalid')
        );
    end if;
end
$$;

-- DROP ROLE; FORCE also drops a role that is granted to somebody or holds a privilege. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_drop_role(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    role oid := pg_internal.wf_known_role(request ->> 'name');
begin
    perform pg_internal.wf_must_own_role(role, 'DROP ROLE');
    if not coalesce((request ->> 'force')::boolean, false)
        and exists (
            select
            from pg_auth_members
            where roleid = role or (member = role and left(pg_internal.wf_name(roleid), 2) <> 's/')
        )
    then
        raise exception using
            errcode = '2BP01',
            message = format(
                'role "%s" cannot be dropped because it is granted; use FORCE', request ->> 'name'
            );
    end if;
    if pg_internal.wf_blocking_dependency(role) is not null then
        if not coalesce((request ->> 'force')::boolean, false) then
            raise exception using
                errcode = '55006',
                message = format(
                    'role "%s" can''t be dropped because the role has a privilege on some object',
                    request ->> 'name'
                );
        end if;
        execute format('drop owned by %I', 'r/' || (request ->> 'name'));
    end if;
    perform pg_internal.wf_drop_engine_role(role);
end
$$;
