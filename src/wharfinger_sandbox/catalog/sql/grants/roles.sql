-- Roles granted to users and roles, and system privileges of roles.

-- The engine's role for {"type": "user" | "role" | "group" | "public", "name": …}. Source: sandbox, internal.
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

-- Refuses a caller who may not grant the role: no owner, no admin option, no system privilege GRANT ROLE.
-- Source: unverified.
create or replace function pg_internal.wf_may_grant_role(role oid) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not (
        pg_internal.wf_holds('GRANT ROLE')
        or (pg_internal.wf_properties(role) ->> 'owner')::bigint = pg_internal.wf_caller()
        or pg_has_role(pg_internal.wf_caller(), role, 'member with admin option')
    ) then
        raise exception using
            errcode = '42501',
            message = format('permission denied to grant role "%s"', pg_internal.wf_name(role));
    end if;
end
$$;

-- GRANT ROLE … TO user or role. A role cannot be a member of itself. Source: redshift-facts §4.1.
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
            if role = member
                or pg_has_role(role, member, 'member') and grantee ->> 'type' = 'role'
            then
                raise exception using
                    errcode = '0LP01',
                    message = format(
                        'role "%s" is a member of role "%s"', pg_internal.wf_name(member), name
                    );
            end if;
            perform pg_internal.wf_link(
                role, member, false, coalesce((request ->> 'admin')::boolean, false)
            );
        end loop;
    end loop;
end
$$;

-- REVOKE [ADMIN OPTION FOR] ROLE. Source: unverified.
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
                update pg_auth_members
                set admin_option = false
                where roleid = pg_internal.wf_role_oid(name)
                    and member = pg_internal.wf_grantee(grantee);
            else
                perform pg_internal.wf_unlink(
                    pg_internal.wf_role_oid(name), pg_internal.wf_grantee(grantee)
                );
            end if;
        end loop;
    end loop;
end
$$;

-- GRANT and REVOKE of system privileges (CREATE USER, ACCESS SYSTEM TABLE, …) to roles. Source: redshift-facts §4.1.
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
        held := coalesce(pg_internal.wf_properties(role) -> 'privileges', '[]');
        for one in select jsonb_array_elements_text(request -> 'privileges') loop
            held := held - one;
            if (request ->> 'grant')::boolean then
                held := held || to_jsonb(one);
            end if;
        end loop;
        perform pg_internal.wf_set_properties(
            role,
            pg_internal.wf_properties(role) || jsonb_build_object('kind', 'role', 'privileges', held)
        );
    end loop;
end
$$;
