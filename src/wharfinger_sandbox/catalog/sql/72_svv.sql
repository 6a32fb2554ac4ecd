-- SVV views with the columns of redshift-facts §5.2. Those that cover several databases are made of a part for this
-- database (wf_…_here) and the same part of every other one, asked when it is read.

create or replace view pg_catalog.svv_redshift_databases as
select d.datname::varchar(128) as database_name, d.datdba::int as database_owner, 'local'::varchar(32) as database_type,
    case when d.datacl is not null then pg_internal.wf_acl_text(d.datacl) end::varchar(128) as database_acl, null::varchar(128) as database_options,
    'Snapshot Isolation'::varchar(128) as database_isolation_level
from pg_database d where not d.datistemplate and d.datallowconn;

create or replace view pg_catalog.wf_schemas_here as
select current_database()::varchar(128) as database_name, n.nspname::varchar(128) as schema_name, n.nspowner::int as schema_owner,
    case when e.nspoid is not null then 'external' else 'local' end::varchar(128) as schema_type,
    case when n.nspacl is not null then pg_internal.wf_acl_text(n.nspacl) end::varchar(128) as schema_acl, e.database::varchar(128) as source_database,
    case when e.nspoid is not null then left(e.options::json::text, 256) end::varchar(256) as schema_option
from pg_namespace n left join pg_internal.wf_external_schema e on e.nspoid = n.oid
where n.nspname <> 'pg_internal' and n.nspname !~ '^pg_(toast|temp_)'
    and ((select pg_has_role(current_user, 'wf_superuser', 'member')) or pg_has_role(n.nspowner, 'usage')
        or has_schema_privilege(n.oid, 'usage') or has_schema_privilege(n.oid, 'create'));

create or replace view pg_catalog.wf_tables_here as
select current_database()::varchar(128) as database_name, r.nspname::varchar(128) as schema_name, r.relname::varchar(128) as table_name,
    case r.kind when 'table' then 'TABLE' when 'external' then 'EXTERNAL TABLE' else 'VIEW' end::varchar(128) as table_type,
    case when r.relacl is not null then pg_internal.wf_acl_text(r.relacl) end::varchar(128) as table_acl, left(r.description, 128)::varchar(256) as remarks,
    r.owner_name::varchar(128) as table_owner,
    case r.kind when 'table' then 'REGULAR TABLE' when 'view' then 'REGULAR VIEW' when 'late_binding_view' then 'LATE BINDING VIEW'
        when 'materialized_view' then 'MATERIALIZED VIEW' else 'EXTERNAL TABLE' end::varchar(128) as table_subtype
from pg_internal.wf_relations r where r.visible and not r.system;

create or replace view pg_catalog.wf_columns_here as
select current_database()::varchar(128) as database_name, c.nspname::varchar(128) as schema_name, c.relname::varchar(128) as table_name,
    c.attname::varchar(128) as column_name, c.attnum::int as ordinal_position, c.column_default::varchar(4000) as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::varchar(3) as is_nullable, c.type_name::varchar(128) as data_type,
    c.length::int as character_maximum_length, c.numeric_precision::int as numeric_precision, c.numeric_scale::int as numeric_scale,
    left(c.description, 128)::varchar(256) as remarks, c.type::varchar(128) as full_type, c.encoding::varchar(128) as encoding, c.distkey,
    c.sortkey, c.sortstyle::varchar(32) as sortstyle, case when c.attacl is not null then pg_internal.wf_acl_text(c.attacl) end::varchar(128) as column_acl, c.kind = 'external' as external
from pg_internal.wf_columns c where c.visible and not c.system;

grant select on pg_catalog.wf_schemas_here, pg_catalog.wf_tables_here, pg_catalog.wf_columns_here to public;

create or replace function pg_internal.wf_schemas_of(database name) returns setof pg_catalog.wf_schemas_here
language sql volatile
as $$ select * from json_populate_recordset(null::pg_catalog.wf_schemas_here,
    pg_internal.wf_ask(database, 'select json_agg(t) from pg_catalog.wf_schemas_here t')) $$;

create or replace function pg_internal.wf_tables_of(database name) returns setof pg_catalog.wf_tables_here
language sql volatile
as $$ select * from json_populate_recordset(null::pg_catalog.wf_tables_here,
    pg_internal.wf_ask(database, 'select json_agg(t) from pg_catalog.wf_tables_here t')) $$;

create or replace function pg_internal.wf_columns_of(database name) returns setof pg_catalog.wf_columns_here
language sql volatile
as $$ select * from json_populate_recordset(null::pg_catalog.wf_columns_here,
    pg_internal.wf_ask(database, 'select json_agg(t) from pg_catalog.wf_columns_here t')) $$;

-- The database's name comes from pg_database, so that a condition on it spares the question.
create or replace view pg_catalog.wf_schemas_everywhere as
select * from pg_catalog.wf_schemas_here
union all
select d.datname::varchar(128), a.schema_name, a.schema_owner, a.schema_type, a.schema_acl, a.source_database, a.schema_option
from pg_internal.wf_other_databases d cross join lateral pg_internal.wf_schemas_of(d.datname) a;

create or replace view pg_catalog.wf_tables_everywhere as
select * from pg_catalog.wf_tables_here
union all
select d.datname::varchar(128), a.schema_name, a.table_name, a.table_type, a.table_acl, a.remarks, a.table_owner, a.table_subtype
from pg_internal.wf_other_databases d cross join lateral pg_internal.wf_tables_of(d.datname) a;

create or replace view pg_catalog.wf_columns_everywhere as
select * from pg_catalog.wf_columns_here
union all
select d.datname::varchar(128), a.schema_name, a.table_name, a.column_name, a.ordinal_position, a.column_default, a.is_nullable,
    a.data_type, a.character_maximum_length, a.numeric_precision, a.numeric_scale, a.remarks, a.full_type, a.encoding, a.distkey,
    a.sortkey, a.sortstyle, a.column_acl, a.external
from pg_internal.wf_other_databases d cross join lateral pg_internal.wf_columns_of(d.datname) a;

create or replace view pg_catalog.svv_all_schemas as select * from pg_catalog.wf_schemas_everywhere;

create or replace view pg_catalog.svv_redshift_schemas as
select database_name, schema_name, schema_owner, schema_type, schema_acl, schema_option::varchar(128) as schema_option
from pg_catalog.wf_schemas_everywhere where schema_type = 'local';

create or replace view pg_catalog.svv_all_tables as
select database_name, schema_name, table_name, table_acl, table_type, remarks from pg_catalog.wf_tables_everywhere;

create or replace view pg_catalog.svv_redshift_tables as
select database_name, schema_name, table_name, table_type, table_acl, remarks::varchar(128) as remarks, table_owner
from pg_catalog.wf_tables_everywhere where table_type <> 'EXTERNAL TABLE';

create or replace view pg_catalog.svv_all_columns as
select database_name, schema_name, table_name, column_name, ordinal_position, column_default, is_nullable, data_type,
    character_maximum_length, numeric_precision, numeric_scale, remarks
from pg_catalog.wf_columns_everywhere;

-- data_type is cut at 32 characters, as there (redshift-facts §5.2).
create or replace view pg_catalog.svv_redshift_columns as
select database_name, schema_name, table_name, column_name, ordinal_position, full_type::varchar(32) as data_type, column_default,
    lower(is_nullable)::varchar(3) as is_nullable, encoding, distkey, sortkey, column_acl, remarks
from pg_catalog.wf_columns_everywhere where not external;

create or replace view pg_catalog.svv_tables as
select current_database()::text as table_catalog, r.nspname::text as table_schema, r.relname::text as table_name,
    case when r.kind = 'table' and r.system then 'SYSTEM TABLE' when r.kind = 'table' then 'BASE TABLE' when r.kind = 'external' then 'EXTERNAL TABLE'
        else 'VIEW' end::text as table_type,
    left(r.description, 256)::text as remarks
from pg_internal.wf_relations r where r.visible;

create or replace view pg_catalog.svv_columns as
select current_database()::text as table_catalog, c.nspname::text as table_schema, c.relname::text as table_name, c.attname::text as column_name,
    c.attnum::int as ordinal_position, c.column_default::text as column_default, case when c.attnotnull then 'NO' else 'YES' end::text as is_nullable,
    c.type_name::text as data_type, c.length::int as character_maximum_length, c.numeric_precision::int as numeric_precision,
    c.radix::int as numeric_precision_radix, c.numeric_scale::int as numeric_scale, c.datetime_precision::int as datetime_precision,
    null::text as interval_type, null::text as interval_precision, null::text as character_set_catalog, null::text as character_set_schema,
    null::text as character_set_name, null::text as collation_catalog, null::text as collation_schema, null::text as collation_name,
    null::text as domain_name, left(c.description, 256)::text as remarks
from pg_internal.wf_columns c where c.visible;

create or replace view pg_catalog.pg_table_def as
select c.nspname as schemaname, c.relname as tablename, c.attname as "column", c.type as type, c.encoding::character(32) as encoding,
    c.distkey as distkey, c.sortkey as sortkey, c.attnotnull as "notnull"
from pg_internal.wf_columns c
where c.visible and c.kind = 'table' and c.nspname = any (current_schemas(true));

-- Rows are the engine's own counters, so nothing is scanned; after a crash they begin at nothing, and the estimate of
-- the last ANALYZE stands in. What only a column store knows is NULL.
create or replace view pg_internal.wf_row_counts as
select c.oid as relid,
    case when s.live + s.dead = 0 and c.reltuples > 0 and s.deleted = 0 then c.reltuples::numeric else s.live end as live, s.dead,
    s.changed
from pg_class c, lateral (select pg_stat_get_live_tuples(c.oid)::numeric as live, pg_stat_get_dead_tuples(c.oid)::numeric as dead,
    pg_stat_get_tuples_deleted(c.oid) as deleted, pg_stat_get_mod_since_analyze(c.oid)::numeric as changed) s
where c.relkind in ('r', 'm');

create or replace view pg_catalog.svv_table_info as
select current_database()::text as database, r.nspname::text as schema, r.relid as table_id, r.relname::text as "table",
    case when exists (select from pg_internal.wf_column e where e.relid = r.relid and e.encoding is not null)
        then 'Y' else 'Y, AUTO(ENCODE)' end::text as encoded,
    case r.diststyle when 'even' then 'EVEN' when 'all' then 'ALL'
        when 'key' then format('KEY(%s)', (select attname from pg_attribute a where a.attrelid = r.relid and a.attnum = r.distkey))
        else 'AUTO(ALL)' end::text as diststyle,
    case when r.sortkeys <> '{}' then case when r.sortstyle = 'interleaved' then 'INTERLEAVED' else
        (select attname from pg_attribute a where a.attrelid = r.relid and a.attnum = r.sortkeys[1]) end
        when r.sortstyle is null or r.sortstyle = 'auto' then 'AUTO(SORTKEY)' end::text as sortkey1,
    coalesce((select max(a.atttypmod - 4) from pg_attribute a
        where a.attrelid = r.relid and a.atttypid = 'varchar'::regtype and a.atttypmod > 0 and not a.attisdropped), 0)::int as max_varchar,
    case when r.sortkeys <> '{}' then pg_internal.wf_encoding(
        (select e.encoding from pg_internal.wf_column e where e.relid = r.relid and e.attnum = r.sortkeys[1]), 0, r.sortkeys, r.sortkeys[1])
        end::character(32) as sortkey1_enc,
    coalesce(cardinality(r.sortkeys), 0)::int as sortkey_num,
    ceil(pg_total_relation_size(r.relid) / 1048576.0)::bigint as size,
    null::numeric(10,4) as pct_used, 0::bigint as empty, null::numeric(5,2) as unsorted,
    least(100, round(100 * n.changed / greatest(n.live + n.dead, 1), 2))::numeric(5,2) as stats_off,
    (n.live + n.dead)::numeric(38,0) as tbl_rows, null::numeric(19,2) as skew_sortkey1, null::numeric(19,2) as skew_rows,
    n.live::numeric(38,0) as estimated_visible_rows, null::text as risk_event, null::numeric(12,2) as vacuum_sort_benefit,
    (r.created at time zone 'UTC')::timestamp as create_time
from pg_internal.wf_relations r join pg_internal.wf_row_counts n on n.relid = r.relid
where r.kind in ('table', 'materialized_view') and not r.system and n.live + n.dead > 0;

create or replace view pg_catalog.svv_external_databases as
select distinct e.kind as eskind, left(e.options::json::text, 256) as esoptions, e.database as databasename, null::text as location, null::text as parameters
from pg_internal.wf_external_schema e where e.database is not null;

create or replace view pg_catalog.svv_external_schemas as
select n.oid as esoid, e.kind as eskind, n.nspname as schemaname, n.nspowner::int as esowner, e.database as databasename, e.options::json::text as esoptions
from pg_internal.wf_external_schema e join pg_namespace n on n.oid = e.nspoid
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or pg_has_role(n.nspowner, 'usage') or has_schema_privilege(n.oid, 'usage');

create or replace view pg_internal.wf_external_tables as
select n.nspname, n.nspowner, c.relname, c.oid as relid, o.options
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
join pg_foreign_table f on f.ftrelid = c.oid
cross join lateral (select coalesce(jsonb_object_agg(option_name, option_value), '{}') as options from pg_options_to_table(f.ftoptions)) o
where (select pg_has_role(current_user, 'wf_superuser', 'member')) or pg_has_role(n.nspowner, 'usage') or has_schema_privilege(n.oid, 'usage');

create or replace view pg_catalog.svv_external_tables as
select current_database()::text as redshift_database_name, nspname::text as schemaname, relname::text as tablename, 'TABLE'::text as tabletype,
    options ->> 'location' as location, options ->> 'input_format' as input_format, options ->> 'output_format' as output_format,
    options ->> 'serialization_lib' as serialization_lib, options ->> 'serde_parameters' as serde_parameters, 0 as compressed,
    options ->> 'parameters' as parameters
from pg_internal.wf_external_tables;

create or replace view pg_catalog.svv_external_columns as
select current_database()::text as redshift_database_name, t.nspname::text as schemaname, t.relname::text as tablename, a.attname::text as columnname,
    coalesce(o.external_type, format_type(a.atttypid, a.atttypmod)) as external_type, a.attnum::int as columnnum,
    coalesce(o.part_key, 0) as part_key, case when a.attnotnull then 'false' else 'true' end::text as is_nullable
from pg_internal.wf_external_tables t
join pg_attribute a on a.attrelid = t.relid and a.attnum > 0 and not a.attisdropped
cross join lateral (select max(option_value) filter (where option_name = 'external_type') as external_type,
    max(option_value) filter (where option_name = 'part_key')::int as part_key from pg_options_to_table(a.attfdwoptions)) o;

create or replace view pg_catalog.svv_external_partitions as
select null::text as schemaname, null::text as tablename, null::text as values, null::text as location, null::text as input_format,
    null::text as output_format, null::text as serialization_lib, null::text as serde_parameters, null::int as compressed, null::text as parameters
where false;

-- state 1: incremental; whether Redshift could refresh a view so is not worked out here.
create or replace view pg_catalog.svv_mv_info as
select current_database()::character(128) as database_name, r.nspname::character(128) as schema_name,
    r.owner_name::character(128) as user_name, r.relname::character(128) as name,
    case when m.changes is distinct from pg_internal.wf_base_changes(r.relid) then 't' else 'f' end::character(1) as is_stale,
    1 as state, 'f'::character(1) as autorewrite, case when r.auto_refresh then 't' else 'f' end::character(1) as autorefresh
from pg_internal.wf_relations r left join pg_internal.wf_materialized m on m.relid = r.relid
where r.kind = 'materialized_view' and r.visible;

-- information_schema as PostgreSQL 8.0 had it; the dialect leads there.
create or replace view pg_catalog.wf_information_schema_tables as
select current_database()::varchar(128) as table_catalog, r.nspname::varchar(128) as table_schema, r.relname::varchar(128) as table_name,
    case when r.kind = 'table' then 'BASE TABLE' else 'VIEW' end::varchar(128) as table_type,
    null::varchar(128) as self_referencing_column_name, null::varchar(128) as reference_generation,
    null::varchar(128) as user_defined_type_catalog, null::varchar(128) as user_defined_type_schema, null::varchar(128) as user_defined_type_name
from pg_internal.wf_relations r where r.visible and r.kind <> 'external';

create or replace view pg_catalog.wf_information_schema_columns as
select current_database()::varchar(128) as table_catalog, c.nspname::varchar(128) as table_schema, c.relname::varchar(128) as table_name,
    c.attname::varchar(128) as column_name, c.attnum::int as ordinal_position, c.column_default::varchar(4000) as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::varchar(3) as is_nullable, c.type_name::varchar(128) as data_type,
    c.length::int as character_maximum_length, null::int as character_octet_length, c.numeric_precision::int as numeric_precision,
    c.radix::int as numeric_precision_radix, c.numeric_scale::int as numeric_scale, c.datetime_precision::int as datetime_precision,
    null::varchar(128) as interval_type, null::varchar(128) as interval_precision, null::varchar(128) as character_set_catalog,
    null::varchar(128) as character_set_schema, null::varchar(128) as character_set_name, null::varchar(128) as collation_catalog,
    null::varchar(128) as collation_schema, null::varchar(128) as collation_name, null::varchar(128) as domain_catalog,
    null::varchar(128) as domain_schema, null::varchar(128) as domain_name, current_database()::varchar(128) as udt_catalog,
    'pg_catalog'::varchar(128) as udt_schema, (select typname from pg_type where oid = c.atttypid)::varchar(128) as udt_name,
    null::varchar(128) as scope_catalog, null::varchar(128) as scope_schema, null::varchar(128) as scope_name,
    null::int as maximum_cardinality, c.attnum::varchar(128) as dtd_identifier, 'NO'::varchar(3) as is_self_referencing
from pg_internal.wf_columns c where c.visible and c.kind not in ('external', 'late_binding_view');

create or replace view pg_catalog.wf_information_schema_views as
select current_database()::varchar(128) as table_catalog, r.nspname::varchar(128) as table_schema, r.relname::varchar(128) as table_name,
    (case r.kind when 'materialized_view' then format('create materialized view %I.%I as ', r.nspname, r.relname)
        when 'late_binding_view' then format('create view %I.%I as ', r.nspname, r.relname) else '' end
        || wf_engine_pg_get_viewdef(r.relid))::varchar as view_definition,
    'NONE'::varchar(128) as check_option, 'NO'::varchar(3) as is_updatable, 'NO'::varchar(3) as is_insertable_into
from pg_internal.wf_relations r where r.visible and r.kind in ('view', 'materialized_view', 'late_binding_view');

grant select on pg_catalog.svv_redshift_databases, pg_catalog.wf_schemas_everywhere, pg_catalog.wf_tables_everywhere,
    pg_catalog.wf_columns_everywhere, pg_catalog.svv_all_schemas, pg_catalog.svv_redshift_schemas, pg_catalog.svv_all_tables,
    pg_catalog.svv_redshift_tables, pg_catalog.svv_all_columns, pg_catalog.svv_redshift_columns, pg_catalog.svv_tables, pg_catalog.svv_columns,
    pg_catalog.pg_table_def, pg_catalog.svv_external_databases, pg_catalog.svv_external_schemas, pg_catalog.svv_external_tables,
    pg_catalog.svv_external_columns, pg_catalog.svv_external_partitions, pg_catalog.svv_mv_info, pg_catalog.wf_information_schema_tables,
    pg_catalog.wf_information_schema_columns, pg_catalog.wf_information_schema_views to public;
grant select on pg_catalog.svv_table_info to wf_superuser;
