-- information_schema as PostgreSQL 8.0 had it. The dialect replaces the names of its views by these.

-- information_schema.tables; external tables are absent. Source: redshift-facts §5.1.
create or replace view pg_catalog.wf_information_schema_tables as
select
    current_database()::varchar(128) as table_catalog,
    r.nspname::varchar(128) as table_schema,
    r.relname::varchar(128) as table_name,
    case when r.kind = 'table' then 'BASE TABLE' else 'VIEW' end::varchar(128) as table_type,
    null::varchar(128) as self_referencing_column_name,
    null::varchar(128) as reference_generation,
    null::varchar(128) as user_defined_type_catalog,
    null::varchar(128) as user_defined_type_schema,
    null::varchar(128) as user_defined_type_name
from pg_internal.wf_relations r
where r.visible and r.kind <> 'external';

-- information_schema.columns; external tables and late-binding views are absent. Source: redshift-facts §5.1.
create or replace view pg_catalog.wf_information_schema_columns as
select
    current_database()::varchar(128) as table_catalog,
    c.nspname::varchar(128) as table_schema,
    c.relname::varchar(128) as table_name,
    c.attname::varchar(128) as column_name,
    c.attnum::int as ordinal_position,
    c.column_default::varchar(4000) as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::varchar(3) as is_nullable,
    c.type_name::varchar(128) as data_type,
    c.length::int as character_maximum_length,
    null::int as character_octet_length,
    c.numeric_precision::int as numeric_precision,
    c.radix::int as numeric_precision_radix,
    c.numeric_scale::int as numeric_scale,
    c.datetime_precision::int as datetime_precision,
    null::varchar(128) as interval_type,
    null::varchar(128) as interval_precision,
    null::varchar(128) as character_set_catalog,
    null::varchar(128) as character_set_schema,
    null::varchar(128) as character_set_name,
    null::varchar(128) as collation_catalog,
    null::varchar(128) as collation_schema,
    null::varchar(128) as collation_name,
    null::varchar(128) as domain_catalog,
    null::varchar(128) as domain_schema,
    null::varchar(128) as domain_name,
    current_database()::varchar(128) as udt_catalog,
    'pg_catalog'::varchar(128) as udt_schema,
    (select typname from pg_type where oid = c.atttypid)::varchar(128) as udt_name,
    null::varchar(128) as scope_catalog,
    null::varchar(128) as scope_schema,
    null::varchar(128) as scope_name,
    null::int as maximum_cardinality,
    c.attnum::varchar(128) as dtd_identifier,
    'NO'::varchar(3) as is_self_referencing
from pg_internal.wf_columns c
where c.visible and c.kind not in ('external', 'late_binding_view');

-- information_schema.views; the text of a view as it was created. Source: redshift-facts §5.1.
create or replace view pg_catalog.wf_information_schema_views as
select
    current_database()::varchar(128) as table_catalog,
    r.nspname::varchar(128) as table_schema,
    r.relname::varchar(128) as table_name,
    (
        case r.kind
            when 'materialized_view'
                then format('create materialized view %I.%I as ', r.nspname, r.relname)
            when 'late_binding_view' then format('create view %I.%I as ', r.nspname, r.relname)
            else ''
        end
        || wf_engine_pg_get_viewdef(r.relid)
    )::varchar as view_definition,
    'NONE'::varchar(128) as check_option,
    'NO'::varchar(3) as is_updatable,
    'NO'::varchar(3) as is_insertable_into
from pg_internal.wf_relations r
where r.visible and r.kind in ('view', 'materialized_view', 'late_binding_view');

grant select on
    pg_catalog.wf_information_schema_tables,
    pg_catalog.wf_information_schema_columns,
    pg_catalog.wf_information_schema_views
to public;
