-- SHOW COLUMNS.

-- The rows of SHOW COLUMNS in this database. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_shown_columns as
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
    case
        when c.sortkey <> 0 then upper(coalesce(c.sortstyle, 'compound'))
    end::varchar(128) as sort_key_type,
    c.sortkey as sort_key,
    c.distkey::int as dist_key,
    c.encoding::varchar(128) as encoding,
    null::varchar(128) as collation
from pg_internal.wf_columns c
where c.shown and not c.system;

grant select on pg_catalog.wf_shown_columns to public;

-- SHOW COLUMNS FROM TABLE. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_columns(
    database text,
    schema text,
    relation text,
    pattern text,
    row_limit text
) returns setof pg_catalog.wf_shown_columns
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query
        select *
        from json_populate_recordset(
            null::pg_catalog.wf_shown_columns,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_columns t '
                    'where %s and (%L is null or t.column_name like %L) '
                    'order by ordinal_position '
                    'limit %s) t',
                    pg_internal.wf_same_table(schema, relation),
                    pattern,
                    pattern,
                    coalesce(nullif(row_limit, ''), '10000')
                )
            )
        );
end
$$;
