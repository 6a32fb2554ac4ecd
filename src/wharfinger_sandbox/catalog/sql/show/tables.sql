-- SHOW TABLES.

-- The rows of SHOW TABLES in this database. last_altered_time and last_modified_time are late by the lag.
-- Source: redshift-facts §5.2, §5.4.
create or replace view pg_catalog.wf_shown_tables as
with since as materialized (
    select clock_timestamp() - pg_internal.wf_modified_lag() as moment
)
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
    r.owner_name::varchar(128) as owner,
    (
        case when r.altered <= since.moment then r.altered else r.created end at time zone 'UTC'
    )::timestamp as last_altered_time,
    case
        when r.kind in ('table', 'materialized_view')
            then (
                greatest(
                    r.created,
                    (
                        select m.seen
                        from pg_internal.wf_modified m
                        where m.relid = r.relid and m.seen <= since.moment
                        order by m.seen desc
                        limit 1
                    )
                ) at time zone 'UTC'
            )::timestamp
    end as last_modified_time,
    case
        when r.kind in ('table', 'materialized_view')
            then case r.diststyle
                when 'even' then 'EVEN'
                when 'all' then 'ALL'
                when 'key' then 'KEY'
                else 'AUTO (ALL)'
            end
    end::varchar(128) as dist_style,
    case r.kind
        when 'table' then 'REGULAR TABLE'
        when 'view' then 'REGULAR VIEW'
        when 'late_binding_view' then 'LATE BINDING VIEW'
        when 'materialized_view' then 'MATERIALIZED VIEW'
        else 'EXTERNAL TABLE'
    end::varchar(128) as table_subtype
from pg_internal.wf_relations r
cross join since
where r.shown and not r.system;

-- The tables of wf_shown_tables without its costly columns, to count them. Source: sandbox, internal.
create or replace view pg_catalog.wf_countable_tables as
select r.nspname, r.relname
from pg_internal.wf_relations r
where r.shown and not r.system;

grant select on pg_catalog.wf_shown_tables, pg_catalog.wf_countable_tables to public;

-- SHOW TABLES of this database. A schema that does not exist has no tables: dbt asks for the tables of a schema
-- before it makes it. Source: sandbox, internal.
create or replace function pg_catalog.wf_tables_shown(schema text, pattern text, row_limit text)
returns setof pg_catalog.wf_shown_tables
language plpgsql volatile
as $$
begin
    if pg_internal.wf_unseen_changes() then
        -- Recorded by another connection, so that neither a rollback nor a read-only transaction loses the moment.
        perform pg_internal.wf_query_database(current_database(), 'select json_agg(pg_internal.wf_observe())');
    end if;
    perform pg_internal.wf_check_count(
        (
            select count(*)
            from pg_catalog.wf_countable_tables t
            where (schema is null or t.nspname = schema)
                and (pattern is null or t.relname like pattern)
        ),
        'TABLES',
        row_limit
    );
    return query
        select *
        from pg_catalog.wf_shown_tables t
        where (schema is null or t.schema_name = schema)
            and (pattern is null or t.table_name like pattern)
        order by t.schema_name, t.table_name
        limit coalesce(nullif(row_limit, ''), '10000')::int;
end
$$;

-- SHOW TABLES FROM SCHEMA. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_tables(
    database text,
    schema text,
    pattern text,
    row_limit text
) returns setof pg_catalog.wf_shown_tables
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, null, null);
    if database = current_database() then
        return query
            select *
            from pg_catalog.wf_tables_shown(schema, pattern, row_limit);
    else
        return query
            select *
            from json_populate_recordset(
                null::pg_catalog.wf_shown_tables,
                pg_internal.wf_query_database(
                    database,
                    format(
                        'select json_agg(t) from pg_catalog.wf_tables_shown(%L, %L, %L) t',
                        schema,
                        pattern,
                        row_limit
                    )
                )
            );
    end if;
end
$$;
