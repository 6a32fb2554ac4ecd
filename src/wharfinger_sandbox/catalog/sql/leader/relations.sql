-- The engine's catalog tables as the leader node shows them. The dialect replaces the names pg_class, pg_attribute,
-- … of a statement by the wf_… views here: late-binding views have no rows in pg_attribute, materialized and
-- late-binding views are views, external tables are absent, and the columns that only Redshift has are present.

-- PG_NAMESPACE. Source: sandbox, internal.
create or replace view pg_catalog.wf_namespace as
select n.*
from pg_namespace n
where n.nspname <> 'pg_internal';

-- PG_CLASS with reldiststyle; materialized views are views, and each key has an index. Source: unverified.
create or replace view pg_catalog.wf_class as
select
    c.tableoid,
    c.oid,
    c.relname,
    c.relnamespace,
    c.reltype,
    c.reloftype,
    c.relowner,
    c.relam,
    c.relfilenode,
    c.reltablespace,
    c.relpages,
    c.reltuples,
    c.reltoastrelid,
    c.relhasindex,
    c.relisshared,
    c.relpersistence,
    case c.relkind when 'm' then 'v'::"char" else c.relkind end as relkind,
    c.relnatts,
    c.relchecks,
    c.relhasrules,
    c.relhastriggers,
    c.relrowsecurity,
    c.relispartition,
    c.relacl,
    c.reloptions,
    pg_internal.wf_diststyle_number(c.relkind, r.diststyle) as reldiststyle
from pg_class c
left join pg_internal.wf_relation r on r.relid = c.oid
where c.relkind in ('r', 'v', 'm', 'i')
    and c.relnamespace <> 'pg_internal'::regnamespace
    and not (c.relnamespace = 'pg_catalog'::regnamespace and c.relname like 'wf\_%')
union all
select
    'pg_class'::regclass,
    k.oid,
    k.conname,
    k.connamespace,
    0,
    0,
    k.relowner,
    403,
    k.oid,
    0,
    1,
    0,
    0,
    false,
    false,
    'p',
    'i',
    k.parts,
    0,
    false,
    false,
    false,
    false,
    null,
    null,
    0
from pg_internal.wf_key_indexes k;

-- PG_ATTRIBUTE with attisdistkey, attsortkeyord and attencodingtype. Source: unverified.
create or replace view pg_catalog.wf_attribute as
select
    a.tableoid,
    a.attrelid,
    a.attname,
    a.atttypid,
    -1 as attstattarget,
    a.attlen,
    a.attnum,
    a.attndims,
    -1 as attcacheoff,
    a.atttypmod,
    a.attbyval,
    a.attstorage,
    a.attalign,
    a.attnotnull,
    a.atthasdef,
    a.attisdropped,
    a.attislocal,
    a.attinhcount::int,
    a.attcollation,
    a.attidentity,
    a.attacl,
    coalesce(r.distkey = a.attnum, false) as attisdistkey,
    coalesce(pg_internal.wf_sort_position(r.sortstyle, r.sortkeys, a.attnum), 0) as attsortkeyord,
    pg_internal.wf_encoding_number(
        pg_internal.wf_encoding(c.encoding, a.atttypid, r.sortkeys, a.attnum)
    ) as attencodingtype
from pg_attribute a
left join pg_internal.wf_relation r on r.relid = a.attrelid
left join pg_internal.wf_column c on c.relid = a.attrelid and c.attnum = a.attnum
where not exists (select from pg_internal.wf_late_binding l where l.relid = a.attrelid)
union all
select
    a.tableoid,
    k.oid,
    a.attname,
    a.atttypid,
    -1,
    a.attlen,
    part.n::smallint,
    0,
    -1,
    a.atttypmod,
    a.attbyval,
    a.attstorage,
    a.attalign,
    false,
    false,
    false,
    true,
    0,
    a.attcollation,
    '',
    null,
    false,
    0,
    0
from pg_internal.wf_key_indexes k
cross join lateral unnest(k.conkey) with ordinality part(num, n)
join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.num;

-- PG_ATTRDEF with adsrc, which PostgreSQL 8.0 had. Source: unverified.
create or replace view pg_catalog.wf_attrdef as
select
    d.tableoid,
    d.oid,
    d.adrelid,
    d.adnum,
    d.adbin,
    pg_get_expr(d.adbin, d.adrelid) as adsrc
from pg_attrdef d;

-- PG_VIEWS; materialized views are views. Source: unverified.
create or replace view pg_catalog.wf_views as
select v.*
from pg_views v
where v.schemaname <> 'pg_internal'
    and not (v.schemaname = 'pg_catalog' and v.viewname like 'wf\_%')
union all
select
    m.schemaname,
    m.matviewname,
    m.matviewowner,
    'create materialized view ' || quote_ident(m.schemaname) || '.' || quote_ident(m.matviewname)
        || ' as ' || m.definition
from pg_matviews m;

-- PG_TABLES. Source: sandbox, internal.
create or replace view pg_catalog.wf_tables as
select t.*
from pg_tables t
where t.schemaname <> 'pg_internal';

-- PG_CLASS_INFO; the user's own relations and those it may read. Source: redshift-facts §5.4.
create or replace view pg_catalog.pg_class_info as
select
    c.oid as reloid,
    c.relname,
    c.relnamespace,
    c.reltype,
    c.relowner,
    c.relam,
    c.relfilenode,
    c.reltablespace,
    c.relpages,
    c.reltuples,
    c.relhasindex,
    c.relisshared,
    c.relkind,
    c.relnatts,
    c.relacl,
    c.reldiststyle,
    r.created at time zone 'UTC' as relcreationtime,
    c.reldiststyle as releffectivediststyle
from pg_catalog.wf_class c
left join pg_internal.wf_relation r on r.relid = c.oid
where (select pg_has_role(current_user, 'wf_superuser', 'member'))
    or pg_has_role(c.relowner, 'usage')
    or has_table_privilege(c.oid, 'select');

grant select on
    pg_catalog.wf_namespace,
    pg_catalog.wf_class,
    pg_catalog.wf_attribute,
    pg_catalog.wf_attrdef,
    pg_catalog.wf_views,
    pg_catalog.wf_tables,
    pg_catalog.pg_class_info
to public;
