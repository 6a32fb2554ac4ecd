-- Roles, who holds them, and their system privileges.

-- SVV_USER_GRANTS: the roles of users. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_user_grants as
select
    u.oid::int as user_id,
    u.rolname::text as user_name,
    r.oid::int as role_id,
    substr(r.rolname, 3)::text as role_name,
    m.admin_option
from pg_auth_members m
join pg_roles r on r.oid = m.roleid
join pg_internal.wf_users u on u.oid = m.member
where left(r.rolname, 2) = 'r/'
    and (pg_internal.wf_sees_all(current_user) or u.rolname = current_user);

-- SVV_ROLE_GRANTS: the roles of roles. Source: redshift-facts §4.5.
create or replace view pg_catalog.svv_role_grants as
select
    r.oid::int as role_id,
    substr(r.rolname, 3)::text as role_name,
    g.oid::int as granted_role_id,
    substr(g.rolname, 3)::text as granted_role_name
from pg_auth_members m
join pg_roles g on g.oid = m.roleid
join pg_roles r on r.oid = m.member
where left(r.rolname, 2) = 'r/'
    and left(g.rolname, 2) = 'r/'
    and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

-- SVV_ROLES. Source: unverified.
create or replace view pg_catalog.svv_roles as
select
    r.oid::int as role_id,
    substr(r.rolname, 3)::text as role_name,
    coalesce(pg_internal.wf_name((a ->> 'owner')::oid), 'rdsdb')::text as role_owner,
    (a ->> 'externalid')::text as external_id
from
    pg_authid r,
    lateral (select pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb) note(a)
where left(r.rolname, 2) = 'r/'
    and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

-- SVV_SYSTEM_PRIVILEGES. Source: unverified.
create or replace view pg_catalog.svv_system_privileges as
select
    p.privilege::text as system_privilege,
    r.oid::int as identity_id,
    substr(r.rolname, 3)::text as identity_name,
    'role'::text as identity_type
from
    pg_authid r,
    jsonb_array_elements_text(
        pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb -> 'privileges'
    ) p(privilege)
where left(r.rolname, 2) = 'r/'
    and (pg_internal.wf_sees_all(current_user) or pg_has_role(current_user, r.oid, 'member'));

grant select on
    pg_catalog.svv_user_grants,
    pg_catalog.svv_role_grants,
    pg_catalog.svv_roles,
    pg_catalog.svv_system_privileges
to public;
