-- Functions of the session and its user.

-- VERSION(): Redshift presents itself as PostgreSQL 8.0.2. The rest of the text is unverified.
-- Source: redshift-facts §3.1.
create or replace function pg_catalog.version() returns text
language sql immutable
as $$
    select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 '
        '(Red Hat 3.4.2-6.fc3), Redshift 1.0 (Wharfinger sandbox)'::text
$$;

-- Redshift's CURRENT_USER_ID. Source: redshift-facts §3.2.
create or replace function pg_catalog.current_user_id() returns integer
language sql stable
as $$
    select oid::int from pg_catalog.pg_roles where rolname = current_user
$$;

-- Redshift's USER_IS_MEMBER_OF: whether a user has a role, directly or through other roles. Source: unverified.
create or replace function pg_catalog.user_is_member_of(user_name name, role_name name)
returns boolean
language sql stable
as $$ select pg_catalog.pg_has_role(user_name, ('r/' || role_name)::name, 'member') $$;

-- Redshift's ROLE_IS_MEMBER_OF: whether a role has another one. Source: unverified.
create or replace function pg_catalog.role_is_member_of(role_name name, granted_role name)
returns boolean
language sql stable
as $$
    select pg_catalog.pg_has_role(('r/' || role_name)::name, ('r/' || granted_role)::name, 'member')
$$;
