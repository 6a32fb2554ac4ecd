-- What the SHOW commands share: they check the names given and ask another database where one is named.

-- Checks the names of a SHOW, so that a wrong name is an error and not an empty answer. Source: sandbox, internal.
create or replace function pg_internal.wf_check_place(database text, schema text, relation text)
returns void
language plpgsql stable
as $$
begin
    if not exists (
        select from pg_database d where d.datname = database and not d.datistemplate
    ) then
        raise exception using
            errcode = '3D000',
            message = format('database "%s" does not exist', database);
    end if;
    if database = current_database()
        and schema is not null
        and not exists (select from pg_namespace n where n.nspname = schema)
    then
        raise exception using
            errcode = '3F000',
            message = format('schema "%s" does not exist', schema);
    end if;
    if database = current_database()
        and relation is not null
        and not exists (
            select
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relname = relation
                and (
                    n.nspname = schema
                    or schema is null and n.nspname = any (current_schemas(false))
                )
        )
    then
        raise exception using
            errcode = '42P01',
            message = format('relation "%s" does not exist', concat_ws('.', schema, relation));
    end if;
end
$$;

-- More than 10000 rows without a LIMIT are an error. The text is unverified. Source: redshift-facts §5.2.
create or replace function pg_internal.wf_check_count(counted bigint, what text, limited text)
returns void
language plpgsql immutable
as $$
begin
    if counted > 10000 and limited = '' then
        raise exception using
            errcode = '54000',
            message = format('SHOW %s would return more than 10000 rows; use LIKE or LIMIT', what);
    end if;
end
$$;

-- The JSON answer to a query: run here, or in the database named. Source: sandbox, internal.
create or replace function pg_internal.wf_query_at(database text, question text) returns json
language plpgsql volatile
as $$
declare
    answer json;
begin
    perform pg_internal.wf_check_place(database, null, null);
    if database <> current_database() then
        return pg_internal.wf_query_database(database, question);
    end if;
    execute question into answer;
    return coalesce(answer, '[]');
end
$$;

-- The SQL condition for the table that a SHOW names; without a schema, one on the search path.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_same_table(schema text, relation text) returns text
language sql immutable
as $$
    select format('t.table_name = %L and ', relation)
        || case
            when schema is null then 't.schema_name = any (current_schemas(false)::text[])'
            else format('t.schema_name = %L', schema)
        end
$$;

-- Whether SHOW lists a relation: superuser, owner, or USAGE on the schema and SELECT on the table or a column.
-- Source: redshift-facts §5.2.
create or replace function pg_internal.wf_may_show(relation oid) returns boolean
language sql stable
as $$
    select pg_has_role(current_user, 'wf_superuser', 'member')
        or pg_has_role((select relowner from pg_class where oid = relation), 'usage')
        or has_schema_privilege((select relnamespace from pg_class where oid = relation), 'usage')
            and has_any_column_privilege(relation, 'select')
$$;
