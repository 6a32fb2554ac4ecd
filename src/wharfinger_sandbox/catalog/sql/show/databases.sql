-- SHOW DATABASES and SHOW SCHEMAS.

-- SHOW DATABASES. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_databases(pattern text, row_limit text)
returns table (
    database_name varchar,
    database_owner integer,
    database_type varchar,
    database_acl varchar,
    parameters varchar,
    database_isolation_level varchar
)
language sql volatile
as $$
    select
        d.database_name, d.database_owner, d.database_type, d.database_acl, d.database_options,
        d.database_isolation_level
    from pg_catalog.svv_redshift_databases d
    where pattern is null or d.database_name like pattern
    order by 1
    limit coalesce(nullif(row_limit, ''), '10000')::int
$$;

-- SHOW SCHEMAS FROM DATABASE. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_schemas(database text, pattern text, row_limit text)
returns setof pg_catalog.svv_all_schemas
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, null, null);
    perform pg_internal.wf_check_count(
        (
            select count(*)
            from pg_catalog.wf_schemas_everywhere s
            where s.database_name = database and (pattern is null or s.schema_name like pattern)
        ),
        'SCHEMAS',
        row_limit
    );
    return query
        select *
        from pg_catalog.wf_schemas_everywhere s
        where s.database_name = database and (pattern is null or s.schema_name like pattern)
        order by s.schema_name
        limit coalesce(nullif(row_limit, ''), '10000')::int;
end
$$;
