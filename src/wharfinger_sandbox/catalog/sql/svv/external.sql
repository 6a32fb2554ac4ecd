-- External schemas, tables and columns.

-- SVV_EXTERNAL_DATABASES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_external_databases as
select
    distinct e.kind as eskind,
    left(e.options::json::text, 256) as esoptions,
    e.database as databasename,
    null::text as location,
    null::text as parameters
from pg_internal.wf_external_schema e
where e.database is not null;

-- SVV_EXTERNAL_SCHEMAS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_external_schemas as
select
    n.oid as esoid,
    e.kind as eskind,
    n.nspname as schemaname,
    n.nspowner::int as esowner,
    e.database as databasename,
    e.options::json::text as esoptions
from pg_internal.wf_external_schema e
join pg_namespace n on n.oid = e.nspoid
where (select pg_has_role(current_user, 'wf_superuser', 'member'))
    or pg_has_role(n.nspowner, 'usage')
    or has_schema_privilege(n.oid, 'usage');

-- External tables of the schemas that the user may use. Source: sandbox, internal.
create or replace view pg_internal.wf_external_tables as
select n.nspname, n.nspowner, c.relname, c.oid as relid, o.options
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_foreign_table f on f.ftrelid = c.oid
cross join lateral (
    select coalesce(jsonb_object_agg(option_name, option_value), '{}') as options
    from pg_options_to_table(f.ftoptions)
) o
where (select pg_has_role(current_user, 'wf_superuser', 'member'))
    or pg_has_role(n.nspowner, 'usage')
    or has_schema_privilege(n.oid, 'usage');

-- SVV_EXTERNAL_TABLES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_external_tables as
select
    current_database()::text as redshift_database_name,
    nspname::text as schemaname,
    relname::text as tablename,
    'TABLE'::text as tabletype,
    options ->> 'location' as location,
    options ->> 'input_format' as input_format,
    options ->> 'output_format' as output_format,
    options ->> 'serialization_lib' as serialization_lib,
    options ->> 'serde_parameters' as serde_parameters,
    0 as compressed,
    options ->> 'parameters' as parameters
from pg_internal.wf_external_tables;

-- SVV_EXTERNAL_COLUMNS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_external_columns as
select
    current_database()::text as redshift_database_name,
    t.nspname::text as schemaname,
    t.relname::text as tablename,
    a.attname::text as columnname,
    coalesce(o.external_type, format_type(a.atttypid, a.atttypmod)) as external_type,
    a.attnum::int as columnnum,
    coalesce(o.part_key, 0) as part_key,
    case when a.attnotnull then 'false' else 'true' end::text as is_nullable
from pg_internal.wf_external_tables t
join pg_attribute a on a.attrelid = t.relid and a.attnum > 0 and not a.attisdropped
cross join lateral (
    select
        max(option_value) filter (where option_name = 'external_type') as external_type,
        max(option_value) filter (where option_name = 'part_key')::int as part_key
    from pg_options_to_table(a.attfdwoptions)
) o;

-- SVV_EXTERNAL_PARTITIONS, always empty. Source: unverified.
create or replace view pg_catalog.svv_external_partitions as
select
    null::text as schemaname,
    null::text as tablename,
    null::text as values,
    null::text as location,
    null::text as input_format,
    null::text as output_format,
    null::text as serialization_lib,
    null::text as serde_parameters,
    null::int as compressed,
    null::text as parameters
where false;

grant select on
    pg_catalog.svv_external_databases,
    pg_catalog.svv_external_schemas,
    pg_catalog.svv_external_tables,
    pg_catalog.svv_external_columns,
    pg_catalog.svv_external_partitions
to public;
