-- What the leader node lists: pg_user and its like, and the engine's own catalog tables as Redshift shows them. The
-- dialect turns the names pg_class, pg_attribute, … of a statement into the wf_… views here: late-binding views have no
-- rows in pg_attribute, materialized and late-binding views are views, external tables are absent, and the columns that
-- only Redshift has are there.

do $$
declare
    own text;
begin
    -- The engine's views of the same names go once; ours are replaced in place.
    foreach own in array array['pg_user', 'pg_group'] loop
        if (select c.oid < 16384 from pg_class c where c.oid = to_regclass('pg_catalog.' || own)) then
            execute format('drop view pg_catalog.%I cascade', own);
        end if;
    end loop;
end
$$;

create or replace view pg_internal.wf_users as
select r.oid, r.rolname, r.rolvaliduntil,
    r.oid = 10 or r.rolcreatedb as createdb,
    r.oid = 10 or coalesce((a ->> 'superuser')::boolean, false) as superuser,
    a ->> 'syslog' as syslog, (a ->> 'connection_limit')::int as connection_limit, (a ->> 'session_timeout')::int as session_timeout,
    a ->> 'externalid' as externalid,
    (select array_agg(replace(one, 'redshift.', '') order by n)
        from pg_db_role_setting s, unnest(s.setconfig) with ordinality u(one, n) where s.setrole = r.oid and s.setdatabase = 0) as config
from pg_authid r, lateral (select pg_internal.wf_parsed(coalesce(r.rolpassword, '{}'))::jsonb) note(a)
where r.oid = 10 or a ->> 'kind' = 'user';

create or replace view pg_catalog.pg_user as
select rolname as usename, oid::int as usesysid, createdb as usecreatedb, superuser as usesuper, oid = 10 as usecatupd,
    '********'::text as passwd, rolvaliduntil as valuntil, config as useconfig
from pg_internal.wf_users;

create or replace view pg_catalog.pg_user_info as
select u.*, case when w.connection_limit is null then 'UNLIMITED' else w.connection_limit::text end as useconnlimit,
    coalesce(w.syslog, 'RESTRICTED') as syslogaccess
from pg_catalog.pg_user u join pg_internal.wf_users w on w.oid = u.usesysid::oid
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or u.usename = current_user;

create or replace view pg_catalog.svv_user_info as
select rolname::text as user_name, oid::int as user_id, createdb, superuser, oid = 10 as catalog_update,
    case when connection_limit is null then 'UNLIMITED' else connection_limit::text end as connection_limit,
    coalesce(syslog, 'RESTRICTED') as syslog_access, rolvaliduntil::timestamp as last_ddl_timestamp,
    coalesce(session_timeout, 0) as session_timeout, externalid as external_user_id
from pg_internal.wf_users
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or rolname = current_user;

create or replace view pg_catalog.pg_group as
select substr(r.rolname, 3)::name as groname, r.oid::int as grosysid,
    (select array_agg(m.member::int order by m.member) from pg_auth_members m where m.roleid = r.oid) as grolist
from pg_roles r where left(r.rolname, 2) = 'g/';

create or replace view pg_catalog.wf_namespace as
select n.* from pg_namespace n where n.nspname <> 'pg_internal';

create or replace view pg_catalog.wf_class as
select c.tableoid, c.oid, c.relname, c.relnamespace, c.reltype, c.reloftype, c.relowner, c.relam, c.relfilenode, c.reltablespace,
    c.relpages, c.reltuples, c.reltoastrelid, c.relhasindex, c.relisshared, c.relpersistence,
    case c.relkind when 'm' then 'v'::"char" else c.relkind end as relkind,
    c.relnatts, c.relchecks, c.relhasrules, c.relhastriggers, c.relrowsecurity, c.relispartition, c.relacl, c.reloptions,
    pg_internal.wf_diststyle_number(c.relkind, r.diststyle) as reldiststyle
from pg_class c left join pg_internal.wf_relation r on r.relid = c.oid
where c.relkind in ('r', 'v', 'm', 'i') and c.relnamespace <> 'pg_internal'::regnamespace
    and not (c.relnamespace = 'pg_catalog'::regnamespace and c.relname like 'wf\_%')
union all
select 'pg_class'::regclass, k.oid, k.conname, k.connamespace, 0, 0, k.relowner, 403, k.oid, 0, 1, 0, 0, false, false, 'p', 'i', k.parts, 0,
    false, false, false, false, null, null, 0
from pg_internal.wf_key_indexes k;

create or replace view pg_catalog.wf_attribute as
select a.tableoid, a.attrelid, a.attname, a.atttypid, -1 as attstattarget, a.attlen, a.attnum, a.attndims, -1 as attcacheoff, a.atttypmod,
    a.attbyval, a.attstorage, a.attalign, a.attnotnull, a.atthasdef, a.attisdropped, a.attislocal, a.attinhcount::int, a.attcollation,
    a.attidentity, a.attacl,
    coalesce(r.distkey = a.attnum, false) as attisdistkey,
    coalesce(pg_internal.wf_sort_position(r.sortstyle, r.sortkeys, a.attnum), 0) as attsortkeyord,
    pg_internal.wf_encoding_number(pg_internal.wf_encoding(c.encoding, a.atttypid, r.sortkeys, a.attnum)) as attencodingtype
from pg_attribute a
left join pg_internal.wf_relation r on r.relid = a.attrelid
left join pg_internal.wf_column c on c.relid = a.attrelid and c.attnum = a.attnum
where not exists (select from pg_internal.wf_late_binding l where l.relid = a.attrelid)
union all
select a.tableoid, k.oid, a.attname, a.atttypid, -1, a.attlen, part.n::smallint, 0, -1, a.atttypmod, a.attbyval, a.attstorage, a.attalign,
    false, false, false, true, 0, a.attcollation, '', null, false, 0, 0
from pg_internal.wf_key_indexes k cross join lateral unnest(k.conkey) with ordinality part(num, n)
join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.num;

create or replace view pg_catalog.wf_attrdef as
select d.tableoid, d.oid, d.adrelid, d.adnum, d.adbin, pg_get_expr(d.adbin, d.adrelid) as adsrc from pg_attrdef d;

create or replace view pg_catalog.wf_constraint as
select c.tableoid, c.oid, c.conname, c.connamespace, c.contype, false as condeferrable, false as condeferred, c.conrelid, c.contypid,
    c.confrelid, c.confupdtype, c.confdeltype, c.confmatchtype, c.conkey, c.confkey, c.conbin, pg_get_constraintdef(c.oid) as consrc
from pg_constraint c where c.contype <> 'n';

create or replace view pg_catalog.wf_database as
select d.* from pg_database d where not d.datistemplate;

create or replace view pg_catalog.wf_proc as
select p.* from pg_proc p where p.pronamespace <> 'pg_internal'::regnamespace
    and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname like 'wf\_%');

create or replace view pg_catalog.wf_views as
select v.* from pg_views v where v.schemaname <> 'pg_internal' and not (v.schemaname = 'pg_catalog' and v.viewname like 'wf\_%')
union all
select m.schemaname, m.matviewname, m.matviewowner, 'create materialized view ' || quote_ident(m.schemaname) || '.' || quote_ident(m.matviewname)
    || ' as ' || m.definition
from pg_matviews m;

create or replace view pg_catalog.wf_tables as
select t.* from pg_tables t where t.schemaname <> 'pg_internal';

create or replace view pg_catalog.pg_class_info as
select c.oid as reloid, c.relname, c.relnamespace, c.reltype, c.relowner, c.relam, c.relfilenode, c.reltablespace, c.relpages,
    c.reltuples, c.relhasindex, c.relisshared, c.relkind, c.relnatts, c.relacl, c.reldiststyle,
    r.created at time zone 'UTC' as relcreationtime, c.reldiststyle as releffectivediststyle
from pg_catalog.wf_class c left join pg_internal.wf_relation r on r.relid = c.oid
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or pg_has_role(c.relowner, 'usage') or has_table_privilege(c.oid, 'select');

grant select on pg_catalog.pg_user, pg_catalog.pg_user_info, pg_catalog.pg_group, pg_catalog.svv_user_info,
    pg_catalog.wf_namespace, pg_catalog.wf_class, pg_catalog.wf_attribute, pg_catalog.wf_attrdef, pg_catalog.wf_constraint,
    pg_catalog.wf_database, pg_catalog.wf_proc, pg_catalog.wf_views, pg_catalog.wf_tables, pg_catalog.pg_class_info to public;
