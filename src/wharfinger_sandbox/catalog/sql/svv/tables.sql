-- Tables and views. A view of all databases is made of a part for this database (…_here) and the same part of each
-- other one, asked when the view is read.

-- The tables and views of this database that the user may see. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_tables_here as
select
    current_database()::varchar(128) as database_name,
    r.nspname::varchar(128) as schema_name,
    r.relname::varchar(128) as table_name,
    case r.kind
        when 'table' then 'TABLE'
        when 'external' then 'EXTERNAL TABLE'
        else 'VIEW'
    end::varchar(128) as table_type,
    case
        when r.relacl is not null then pg_internal.wf_acl_text(r.relacl)
    end::varchar(128) as table_acl,
    left(r.description, 128)::varchar(256) as remarks,
    r.owner_name::varchar(128) as table_owner,
    case r.kind
        when 'table' then 'REGULAR TABLE'
        when 'view' then 'REGULAR VIEW'
        when 'late_binding_view' then 'LATE BINDING VIEW'
        when 'materialized_view' then 'MATERIALIZED VIEW'
        else 'EXTERNAL TABLE'
    end::varchar(128) as table_subtype
from pg_internal.wf_relations r
where r.visible and not r.system;

grant select on pg_catalog.wf_tables_here to public;

-- wf_tables_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_tables_of(database name)
returns setof pg_catalog.wf_tables_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_tables_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_tables_here t')
    )
$$;

-- The tables and views of all databases. Source: sandbox, internal.
create or replace view pg_catalog.wf_tables_everywhere as
select *
from pg_catalog.wf_tables_here
union all
select
    d.datname::varchar(128),
    a.schema_name,
    a.table_name,
    a.table_type,
    a.table_acl,
    a.remarks,
    a.table_owner,
    a.table_subtype
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_tables_of(d.datname) a;

-- SVV_ALL_TABLES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_all_tables as
select database_name, schema_name, table_name, table_acl, table_type, remarks
from pg_catalog.wf_tables_everywhere;

-- SVV_REDSHIFT_TABLES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_redshift_tables as
select
    database_name,
    schema_name,
    table_name,
    table_type,
    table_acl,
    remarks::varchar(128) as remarks,
    table_owner
from pg_catalog.wf_tables_everywhere
where table_type <> 'EXTERNAL TABLE';

-- SVV_TABLES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_tables as
select
    current_database()::text as table_catalog,
    r.nspname::text as table_schema,
    r.relname::text as table_name,
    case
        when r.kind = 'table' and r.system then 'SYSTEM TABLE'
        when r.kind = 'table' then 'BASE TABLE'
        when r.kind = 'external' then 'EXTERNAL TABLE'
        else 'VIEW'
    end::text as table_type,
    left(r.description, 256)::text as remarks
from pg_internal.wf_relations r
where r.visible;

grant select on
    pg_catalog.wf_tables_everywhere,
    pg_catalog.svv_all_tables,
    pg_catalog.svv_redshift_tables,
    pg_catalog.svv_tables
to public;
