-- SHOW FUNCTIONS, SHOW PROCEDURES and SHOW PARAMETERS OF.

-- The rows of SHOW FUNCTIONS and SHOW PROCEDURES in this database. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_shown_routines as
select
    current_database()::varchar(128) as database_name,
    n.nspname::varchar(128) as schema_name,
    p.proname::varchar(128) as routine_name,
    p.pronargs::int as number_of_arguments,
    oidvectortypes(p.proargtypes)::varchar as argument_list,
    coalesce(pg_get_function_result(p.oid), '')::varchar as return_type,
    null::varchar as remarks,
    p.prokind = 'p' as is_procedure
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where not pg_internal.wf_is_system_schema(n.nspname)
    and (has_schema_privilege(n.oid, 'usage') or pg_has_role(n.nspowner, 'usage'));

grant select on pg_catalog.wf_shown_routines to public;

-- SHOW FUNCTIONS | PROCEDURES FROM SCHEMA. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_routines(
    database text,
    kind text,
    schema text,
    pattern text,
    row_limit text
)
returns table (
    database_name varchar,
    schema_name varchar,
    routine_name varchar,
    number_of_arguments integer,
    argument_list varchar,
    return_type varchar,
    remarks varchar
)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, null);
    return query
        select
            r.database_name, r.schema_name, r.routine_name, r.number_of_arguments, r.argument_list,
            r.return_type, r.remarks
        from json_populate_recordset(
            null::pg_catalog.wf_shown_routines,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_routines t '
                    'where t.schema_name = %L and t.is_procedure = %L and (%L is null or '
                    't.routine_name like %L) '
                    'order by routine_name, argument_list '
                    'limit %s) t',
                    schema,
                    kind = 'procedures',
                    pattern,
                    pattern,
                    coalesce(nullif(row_limit, ''), '10000')
                )
            )
        ) r;
end
$$;

-- The rows of SHOW PARAMETERS in this database, with the columns that AWS's driver reads. That a function's result
-- is not among its parameters is unverified. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_shown_parameters as
select
    current_database()::varchar(128) as database_name,
    n.nspname::varchar(128) as schema_name,
    p.proname::varchar(128) as routine_name,
    coalesce(p.proargnames[a.n], '')::varchar(128) as parameter_name,
    a.n::int as ordinal_position,
    case coalesce(p.proargmodes[a.n], 'i')
        when 'o' then 'OUT'
        when 'b' then 'INOUT'
        when 't' then 'TABLE'
        else 'IN'
    end::varchar(16) as parameter_type,
    format_type(a.type, null)::varchar(128) as data_type,
    information_schema._pg_char_max_length(a.type, -1) as character_maximum_length,
    information_schema._pg_numeric_precision(a.type, -1) as numeric_precision,
    information_schema._pg_numeric_scale(a.type, -1) as numeric_scale,
    p.prokind = 'p' as is_procedure,
    string_to_array(oidvectortypes(p.proargtypes), ', ') as types
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
cross join lateral unnest(coalesce(p.proallargtypes, p.proargtypes::oid[])) with ordinality a(type, n)
where not pg_internal.wf_is_system_schema(n.nspname)
    and (has_schema_privilege(n.oid, 'usage') or pg_has_role(n.nspowner, 'usage'));

grant select on pg_catalog.wf_shown_parameters to public;

-- SHOW PARAMETERS OF FUNCTION | PROCEDURE. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_parameters(
    database text,
    kind text,
    schema text,
    routine text,
    pattern text,
    types text[]
)
returns table (
    database_name varchar,
    schema_name varchar,
    routine_name varchar,
    parameter_name varchar,
    ordinal_position integer,
    parameter_type varchar,
    data_type varchar,
    character_maximum_length integer,
    numeric_precision integer,
    numeric_scale integer
)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, null);
    return query
        select
            r.database_name, r.schema_name, r.routine_name, r.parameter_name, r.ordinal_position,
            r.parameter_type, r.data_type, r.character_maximum_length, r.numeric_precision,
            r.numeric_scale
        from json_populate_recordset(
            null::pg_catalog.wf_shown_parameters,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_parameters t '
                    'where t.routine_name = %L and t.is_procedure = %L and t.types = %L::text[] '
                    'and %s and (%L is null or t.parameter_name like %L) '
                    'order by ordinal_position) t',
                    routine,
                    kind = 'procedure',
                    types,
                    case
                        when schema is null
                            then 't.schema_name = any (current_schemas(false)::text[])'
                        else format('t.schema_name = %L', schema)
                    end,
                    pattern,
                    pattern
                )
            )
        ) r;
end
$$;
