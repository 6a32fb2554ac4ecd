-- Columns. A view of all databases is made of a part for this database (…_here) and the same part of each other
-- one, asked when the view is read.

-- The columns of this database that the user may see. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_columns_here as
select
    current_database()::varchar(128) as database_name,
    c.nspname::varchar(128) as schema_name,
    c.relname::varchar(128) as table_name,
    c.attname::varchar(128) as column_name,
    c.attnum::int as ordinal_position,
    c.column_default::varchar(4000) as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::varchar(3) as is_nullable,
    c.type_name::varchar(128) as data_type,
    c.length::int as character_maximum_length,
    c.numeric_precision::int as numeric_precision,
    c.numeric_scale::int as numeric_scale,
    left(c.description, 128)::varchar(256) as remarks,
    c.type::varchar(128) as full_type,
    c.encoding::varchar(128) as encoding,
    c.distkey,
    c.sortkey,
    c.sortstyle::varchar(32) as sortstyle,
    case
        when c.attacl is not null then pg_internal.wf_acl_text(c.attacl)
    end::varchar(128) as column_acl,
    c.kind = 'external' as external
from pg_internal.wf_columns c
where c.visible and not c.system;

grant select on pg_catalog.wf_columns_here to public;

-- wf_columns_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_columns_of(database name)
returns setof pg_catalog.wf_columns_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_columns_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_columns_here t')
    )
$$;

-- The columns of all databases. Source: sandbox, internal.
create or replace view pg_catalog.wf_columns_everywhere as
select *
from pg_catalog.wf_columns_here
union all
select
    d.datname::varchar(128),
    a.schema_name,
    a.table_name,
    a.column_name,
    a.ordinal_position,
    a.column_default,
    a.is_nullable,
    a.data_type,
    a.character_maximum_length,
    a.numeric_precision,
    a.numeric_scale,
    a.remarks,
    a.full_type,
    a.encoding,
    a.distkey,
    a.sortkey,
    a.sortstyle,
    a.column_acl,
    a.external
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_columns_of(d.datname) a;

-- SVV_ALL_COLUMNS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_all_columns as
select
    database_name, schema_name, table_name, column_name, ordinal_position, column_default,
    is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
from pg_catalog.wf_columns_everywhere;

-- SVV_REDSHIFT_COLUMNS; data_type is cut at 32 characters, as in Redshift. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_redshift_columns as
select
    database_name,
    schema_name,
    table_name,
    column_name,
    ordinal_position,
    full_type::varchar(32) as data_type,
    column_default,
    lower(is_nullable)::varchar(3) as is_nullable,
    encoding,
    distkey,
    sortkey,
    column_acl,
    remarks
from pg_catalog.wf_columns_everywhere
where not external;

-- SVV_COLUMNS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_columns as
select
    current_database()::text as table_catalog,
    c.nspname::text as table_schema,
    c.relname::text as table_name,
    c.attname::text as column_name,
    c.attnum::int as ordinal_position,
    c.column_default::text as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::text as is_nullable,
    c.type_name::text as data_type,
    c.length::int as character_maximum_length,
    c.numeric_precision::int as numeric_precision,
    c.radix::int as numeric_precision_radix,
    c.numeric_scale::int as numeric_scale,
    c.datetime_precision::int as datetime_precision,
    null::text as interval_type,
    null::text as interval_precision,
    null::text as character_set_catalog,
    null::text as character_set_schema,
    null::text as character_set_name,
    null::text as collation_catalog,
    null::text as collation_schema,
    null::text as collation_name,
    null::text as domain_name,
    left(c.description, 256)::text as remarks
from pg_internal.wf_columns c
where c.visible;

-- PG_TABLE_DEF; only schemas on the search_path. Source: redshift-facts §5.2.
create or replace view pg_catalog.pg_table_def as
select
    c.nspname as schemaname,
    c.relname as tablename,
    c.attname as "column",
    c.type as type,
    c.encoding::character(32) as encoding,
    c.distkey as distkey,
    c.sortkey as sortkey,
    c.attnotnull as "notnull"
from pg_internal.wf_columns c
where c.visible and c.kind = 'table' and c.nspname = any (current_schemas(true));

grant select on
    pg_catalog.wf_columns_everywhere,
    pg_catalog.svv_all_columns,
    pg_catalog.svv_redshift_columns,
    pg_catalog.svv_columns,
    pg_catalog.pg_table_def
to public;
