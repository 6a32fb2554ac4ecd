-- Users and groups as the leader node lists them.

-- The engine's views of these names are dropped once; the sandbox's own are replaced in place.
do $$
declare
    own text;
begin
    foreach own in array array['pg_user', 'pg_group'] loop
        if (
            select c.oid < 16384 from pg_class c where c.oid = to_regclass('pg_catalog.' || own)
        ) then
            execute format('drop view pg_catalog.%I cascade', own);
        end if;
    end loop;
end
$$;

-- Users with what wf_properties knows of them. Source: sandbox, internal.
create or replace view pg_internal.wf_users as
select
    r.oid,
    r.rolname,
    r.rolvaliduntil,
    r.oid = 10 or r.rolcreatedb as createdb,
    r.oid = 10 or coalesce((a ->> 'superuser')::boolean, false) as superuser,
    a ->> 'syslog' as syslog,
    (a ->> 'connection_limit')::int as connection_limit,
    (a ->> 'session_timeout')::int as session_timeout,
    a ->> 'externalid' as externalid,
    (
        select array_agg(replace(one, 'redshift.', '') order by n)
        from pg_db_role_setting s, unnest(s.setconfig) with ordinality u(one, n)
        where s.setrole = r.oid and s.setdatabase = 0
    ) as config
from
    pg_authid r,
    lateral (select pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb) note(a)
where r.oid = 10 or a ->> 'kind' = 'user';

-- PG_USER. Source: redshift-facts §4.5.
create or replace view pg_catalog.pg_user as
select
    rolname as usename,
    oid::int as usesysid,
    createdb as usecreatedb,
    superuser as usesuper,
    oid = 10 as usecatupd,
    '********'::text as passwd,
    rolvaliduntil as valuntil,
    config as useconfig
from pg_internal.wf_users;

-- PG_USER_INFO; ordinary users see only themselves. Source: redshift-facts §4.5.
create or replace view pg_catalog.pg_user_info as
select
    u.*,
    case
        when w.connection_limit is null then 'UNLIMITED'
        else w.connection_limit::text
    end as useconnlimit,
    coalesce(w.syslog, 'RESTRICTED') as syslogaccess
from pg_catalog.pg_user u
join pg_internal.wf_users w on w.oid = u.usesysid::oid
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or u.usename = current_user;

-- SVV_USER_INFO; ordinary users see only themselves. Source: unverified.
create or replace view pg_catalog.svv_user_info as
select
    rolname::text as user_name,
    oid::int as user_id,
    createdb,
    superuser,
    oid = 10 as catalog_update,
    case
        when connection_limit is null then 'UNLIMITED'
        else connection_limit::text
    end as connection_limit,
    coalesce(syslog, 'RESTRICTED') as syslog_access,
    rolvaliduntil::timestamp as last_ddl_timestamp,
    coalesce(session_timeout, 0) as session_timeout,
    externalid as external_user_id
from pg_internal.wf_users
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or rolname = current_user;

-- PG_GROUP. Source: redshift-facts §4.5.
create or replace view pg_catalog.pg_group as
select
    substr(r.rolname, 3)::name as groname,
    r.oid::int as grosysid,
    (
        select array_agg(m.member::int order by m.member)
        from pg_auth_members m
        where m.roleid = r.oid
    ) as grolist
from pg_roles r
where left(r.rolname, 2) = 'g/';

grant select on
    pg_catalog.pg_user,
    pg_catalog.pg_user_info,
    pg_catalog.pg_group,
    pg_catalog.svv_user_info
to public;
