-- SHOW of objects (redshift-facts §5.2, §4.5). Each has a part for the database it runs in and asks another one for the
-- same part.

-- A change of a table's rows is noticed here, by the engine's counters: at a tick of the sandbox or when somebody looks.
create or replace function pg_internal.wf_observe() returns integer
language plpgsql volatile security definer set search_path = pg_catalog
as $$
declare
    noticed oid[];
begin
    with now_there as (
        select c.oid as relid, pg_internal.wf_counter(c.oid) as counter, r.created
        from pg_class c join pg_internal.wf_relation r on r.relid = c.oid where c.relkind in ('r', 'm')
    ), added as (
        insert into pg_internal.wf_modified (relid, seen, counter)
        select n.relid, case when l.counter is null and mod(n.counter, 1000000000000000) = 0 then n.created else clock_timestamp() end, n.counter
        from now_there n
        left join lateral (select m.counter from pg_internal.wf_modified m where m.relid = n.relid order by m.seen desc limit 1) l on true
        where l.counter is distinct from n.counter
        on conflict do nothing
        returning relid
    )
    select array_agg(relid) into noticed from added;
    -- Of moments that the lag has let through, the last one is all that shows.
    delete from pg_internal.wf_modified m where m.relid = any (noticed) and exists (
        select from pg_internal.wf_modified later where later.relid = m.relid and later.seen > m.seen
            and later.seen <= clock_timestamp() - pg_internal.wf_modified_lag());
    return coalesce(cardinality(noticed), 0);
end
$$;

create or replace function pg_internal.wf_unseen_changes() returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select exists (
        select from pg_class c join pg_internal.wf_relation r on r.relid = c.oid
        where c.relkind in ('r', 'm') and pg_internal.wf_counter(c.oid) is distinct from
            (select m.counter from pg_internal.wf_modified m where m.relid = c.oid order by m.seen desc limit 1))
$$;

-- The lag of SHOW TABLES is one for all databases, so it stands where all of them read.
create or replace function pg_internal.wf_set_modified_lag(seconds double precision) returns void
language sql set search_path = pg_catalog
as $$ select pg_internal.wf_note('wf_superuser'::regrole, jsonb_build_object('modified_lag_s', seconds)) $$;

create or replace function pg_internal.wf_modified_lag() returns interval
language sql stable security definer set search_path = pg_catalog
as $$ select interval '1 second' * coalesce((pg_internal.wf_about('wf_superuser'::regrole) ->> 'modified_lag_s')::double precision, 300) $$;

-- At the start: data that nobody has looked at yet count as there from the beginning, so that nothing looks changed
-- later; what was seen before keeps its times.
create or replace function pg_internal.wf_settle() returns void
language sql set search_path = pg_catalog
as $$
    insert into pg_internal.wf_modified (relid, seen, counter)
    select c.oid, r.created, pg_internal.wf_counter(c.oid)
    from pg_class c join pg_internal.wf_relation r on r.relid = c.oid
    where c.relkind in ('r', 'm') and not exists (select from pg_internal.wf_modified m where m.relid = c.oid)
    on conflict do nothing;
    select pg_internal.wf_observe()
$$;

create or replace function pg_internal.wf_may_show(relation oid) returns boolean
language sql stable
as $$
    select pg_has_role(current_user, 'wf_superuser', 'member')
        or pg_has_role((select relowner from pg_class where oid = relation), 'usage')
        or has_schema_privilege((select relnamespace from pg_class where oid = relation), 'usage')
            and has_any_column_privilege(relation, 'select')
$$;

create or replace view pg_catalog.wf_shown_tables as
with since as materialized (select clock_timestamp() - pg_internal.wf_modified_lag() as moment)
select current_database()::varchar(128) as database_name, r.nspname::varchar(128) as schema_name, r.relname::varchar(128) as table_name,
    case r.kind when 'table' then 'TABLE' when 'external' then 'EXTERNAL TABLE' else 'VIEW' end::varchar(128) as table_type,
    case when r.relacl is not null then pg_internal.wf_acl_text(r.relacl) end::varchar(128) as table_acl, left(r.description, 128)::varchar(256) as remarks,
    r.owner_name::varchar(128) as owner,
    (case when r.altered <= since.moment then r.altered else r.created end at time zone 'UTC')::timestamp as last_altered_time,
    case when r.kind in ('table', 'materialized_view') then (greatest(r.created, (select m.seen from pg_internal.wf_modified m
        where m.relid = r.relid and m.seen <= since.moment order by m.seen desc limit 1)) at time zone 'UTC')::timestamp end
        as last_modified_time,
    case when r.kind in ('table', 'materialized_view') then case r.diststyle when 'even' then 'EVEN' when 'all' then 'ALL'
        when 'key' then 'KEY' else 'AUTO (ALL)' end end::varchar(128) as dist_style,
    case r.kind when 'table' then 'REGULAR TABLE' when 'view' then 'REGULAR VIEW' when 'late_binding_view' then 'LATE BINDING VIEW'
        when 'materialized_view' then 'MATERIALIZED VIEW' else 'EXTERNAL TABLE' end::varchar(128) as table_subtype
from pg_internal.wf_relations r cross join since
where r.shown and not r.system;

create or replace view pg_catalog.wf_countable_tables as
select r.nspname, r.relname from pg_internal.wf_relations r where r.shown and not r.system;

create or replace view pg_catalog.wf_shown_columns as
select current_database()::varchar(128) as database_name, c.nspname::varchar(128) as schema_name, c.relname::varchar(128) as table_name,
    c.attname::varchar(128) as column_name, c.attnum::int as ordinal_position, c.column_default::varchar(4000) as column_default,
    case when c.attnotnull then 'NO' else 'YES' end::varchar(3) as is_nullable, c.type_name::varchar(128) as data_type,
    c.length::int as character_maximum_length, c.numeric_precision::int as numeric_precision, c.numeric_scale::int as numeric_scale,
    left(c.description, 128)::varchar(256) as remarks,
    case when c.sortkey <> 0 then upper(coalesce(c.sortstyle, 'compound')) end::varchar(128) as sort_key_type, c.sortkey as sort_key,
    c.distkey::int as dist_key, c.encoding::varchar(128) as encoding, null::varchar(128) as collation
from pg_internal.wf_columns c
where c.shown and not c.system;

create or replace view pg_catalog.wf_shown_primary_keys as
select current_database()::varchar(128) as database_name, n.nspname::varchar(128) as schema_name, c.relname::varchar(128) as table_name,
    a.attname::varchar(128) as column_name, key.n::int as key_seq, k.conname::varchar(128) as pk_name
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
cross join lateral unnest(k.conkey) with ordinality key(num, n)
join pg_attribute a on a.attrelid = c.oid and a.attnum = key.num
where k.contype = 'p' and pg_internal.wf_may_show(c.oid);

create or replace view pg_catalog.wf_shown_foreign_keys as
select current_database()::varchar(128) as pk_database_name, pn.nspname::varchar(128) as pk_schema_name, p.relname::varchar(128) as pk_table_name,
    pa.attname::varchar(128) as pk_column_name, current_database()::varchar(128) as fk_database_name, n.nspname::varchar(128) as fk_schema_name,
    c.relname::varchar(128) as fk_table_name, a.attname::varchar(128) as fk_column_name, key.n::int as key_seq,
    3 as update_rule, 3 as delete_rule, k.conname::varchar(128) as fk_name,
    (select pk.conname from pg_constraint pk where pk.conrelid = p.oid and pk.contype in ('p', 'u') and pk.conkey @> k.confkey
        order by pk.contype limit 1)::varchar(128) as pk_name,
    7 as deferrability
from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid join pg_namespace pn on pn.oid = p.relnamespace
cross join lateral unnest(k.conkey, k.confkey) with ordinality key(num, target, n)
join pg_attribute a on a.attrelid = c.oid and a.attnum = key.num
join pg_attribute pa on pa.attrelid = p.oid and pa.attnum = key.target
where k.contype = 'f' and pg_internal.wf_may_show(c.oid);

-- Groups show as roles with a leading slash (redshift-facts §3.3).
create or replace view pg_catalog.wf_shown_grants as
select current_database()::text as database_name, g.nspname::text as schema_name, g.object_name::text as object_name, g.column_name::text as column_name,
    upper(g.object_type)::text as object_type, g.privilege::text as privilege_type, g.grantee::int as identity_id,
    case g.identity_type when 'group' then '/' || g.identity_name else g.identity_name end::text as identity_name,
    case g.identity_type when 'group' then 'role' else g.identity_type end::text as identity_type, g.is_grantable as admin_option,
    upper(case g.object_type when 'column' then 'table' else g.object_type end)::text as privilege_scope,
    pg_internal.wf_name(g.grantor)::text as grantor_name, g.identity_type as real_type, g.identity_name as real_name
from pg_internal.wf_visible_grants g
where (select pg_internal.wf_sees_all(current_user)) or pg_has_role(g.owner, 'usage')
    or g.grantee <> 0 and pg_has_role(current_user, g.grantee, 'member')
union all
select current_database(), s.nspname, coalesce(s.nspname, current_database()), null, case when s.schema = 0 then 'DATABASE' else 'SCHEMA' end,
    s.privilege, s.grantee::int, s.identity_name, s.identity_type, s.admin_option, s.scope, null, s.identity_type, s.identity_name
from pg_internal.wf_scope_grants s;

create or replace view pg_catalog.wf_shown_routines as
select current_database()::varchar(128) as database_name, n.nspname::varchar(128) as schema_name, p.proname::varchar(128) as routine_name,
    p.pronargs::int as number_of_arguments, oidvectortypes(p.proargtypes)::varchar as argument_list,
    coalesce(pg_get_function_result(p.oid), '')::varchar as return_type, null::varchar as remarks, p.prokind = 'p' as is_procedure
from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where not pg_internal.wf_is_system_schema(n.nspname) and (has_schema_privilege(n.oid, 'usage') or pg_has_role(n.nspowner, 'usage'));

grant select on pg_catalog.wf_shown_tables, pg_catalog.wf_countable_tables, pg_catalog.wf_shown_columns, pg_catalog.wf_shown_primary_keys, pg_catalog.wf_shown_foreign_keys,
    pg_catalog.wf_shown_grants, pg_catalog.wf_shown_routines to public;

-- Where a SHOW leads: checked here, so that a wrong name is an error and not an empty answer.
create or replace function pg_internal.wf_check_place(database text, schema text, relation text) returns void
language plpgsql stable
as $$
begin
    if not exists (select from pg_database d where d.datname = database and not d.datistemplate) then
        raise exception using errcode = '3D000', message = format('database "%s" does not exist', database);
    end if;
    if database = current_database() and schema is not null and not exists (select from pg_namespace n where n.nspname = schema) then
        raise exception using errcode = '3F000', message = format('schema "%s" does not exist', schema);
    end if;
    if database = current_database() and relation is not null and not exists (select from pg_class c join pg_namespace n
        on n.oid = c.relnamespace where c.relname = relation and (n.nspname = schema or schema is null and n.nspname = any (current_schemas(false))))
    then
        raise exception using errcode = '42P01', message = format('relation "%s" does not exist', concat_ws('.', schema, relation));
    end if;
end
$$;

create or replace function pg_internal.wf_check_count(counted bigint, what text, limited text) returns void
language plpgsql immutable
as $$
begin
    if counted > 10000 and limited = '' then
        raise exception using errcode = '54000', message = format('SHOW %s would return more than 10000 rows; use LIKE or LIMIT', what);
    end if;
end
$$;

create or replace function pg_catalog.wf_show_databases(pattern text, row_limit text)
returns table (database_name varchar, database_owner integer, database_type varchar, database_acl varchar, parameters varchar,
    database_isolation_level varchar)
language sql volatile
as $$
    select d.database_name, d.database_owner, d.database_type, d.database_acl, d.database_options, d.database_isolation_level
    from pg_catalog.svv_redshift_databases d where pattern is null or d.database_name like pattern
    order by 1 limit coalesce(nullif(row_limit, ''), '10000')::int
$$;

create or replace function pg_catalog.wf_show_schemas(database text, pattern text, row_limit text) returns setof pg_catalog.svv_all_schemas
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, null, null);
    perform pg_internal.wf_check_count((select count(*) from pg_catalog.wf_schemas_everywhere s
        where s.database_name = database and (pattern is null or s.schema_name like pattern)), 'SCHEMAS', row_limit);
    return query select * from pg_catalog.wf_schemas_everywhere s
        where s.database_name = database and (pattern is null or s.schema_name like pattern)
        order by s.schema_name limit coalesce(nullif(row_limit, ''), '10000')::int;
end
$$;

create or replace function pg_catalog.wf_tables_shown(schema text, pattern text, row_limit text) returns setof pg_catalog.wf_shown_tables
language plpgsql volatile
as $$
begin
    -- A schema that does not exist has no tables: dbt asks for those of a schema before it makes it.
    if pg_internal.wf_unseen_changes() then
        -- Noted by a connection of its own, so that neither a rollback nor a read-only transaction loses the moment.
        perform pg_internal.wf_ask(current_database(), 'select json_agg(pg_internal.wf_observe())');
    end if;
    perform pg_internal.wf_check_count((select count(*) from pg_catalog.wf_countable_tables t
        where (schema is null or t.nspname = schema) and (pattern is null or t.relname like pattern)), 'TABLES', row_limit);
    return query select * from pg_catalog.wf_shown_tables t
        where (schema is null or t.schema_name = schema) and (pattern is null or t.table_name like pattern)
        order by t.schema_name, t.table_name limit coalesce(nullif(row_limit, ''), '10000')::int;
end
$$;

create or replace function pg_catalog.wf_show_tables(database text, schema text, pattern text, row_limit text)
returns setof pg_catalog.wf_shown_tables
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, null, null);
    if database = current_database() then
        return query select * from pg_catalog.wf_tables_shown(schema, pattern, row_limit);
    else
        return query select * from json_populate_recordset(null::pg_catalog.wf_shown_tables, pg_internal.wf_ask(database,
            format('select json_agg(t) from pg_catalog.wf_tables_shown(%L, %L, %L) t', schema, pattern, row_limit)));
    end if;
end
$$;

-- question: the part's query; here as it stands, elsewhere through psql.
create or replace function pg_internal.wf_there(database text, question text) returns json
language plpgsql volatile
as $$
declare
    answer json;
begin
    perform pg_internal.wf_check_place(database, null, null);
    if database <> current_database() then
        return pg_internal.wf_ask(database, question);
    end if;
    execute question into answer;
    return coalesce(answer, '[]');
end
$$;

create or replace function pg_internal.wf_same_table(schema text, relation text) returns text
language sql immutable
as $$ select format('t.table_name = %L and ', relation) || case when schema is null then 't.schema_name = any (current_schemas(false)::text[])'
    else format('t.schema_name = %L', schema) end $$;

create or replace function pg_catalog.wf_show_columns(database text, schema text, relation text, pattern text, row_limit text)
returns setof pg_catalog.wf_shown_columns
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query select * from json_populate_recordset(null::pg_catalog.wf_shown_columns, pg_internal.wf_there(database, format(
        'select json_agg(t) from (select * from pg_catalog.wf_shown_columns t where %s and (%L is null or t.column_name like %L) order by ordinal_position limit %s) t',
        pg_internal.wf_same_table(schema, relation), pattern, pattern, coalesce(nullif(row_limit, ''), '10000'))));
end
$$;

create or replace function pg_catalog.wf_show_primary_keys(database text, schema text, relation text, row_limit text)
returns setof pg_catalog.wf_shown_primary_keys
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query select * from json_populate_recordset(null::pg_catalog.wf_shown_primary_keys, pg_internal.wf_there(database, format(
        'select json_agg(t) from (select * from pg_catalog.wf_shown_primary_keys t where %s order by key_seq limit %s) t',
        pg_internal.wf_same_table(schema, relation), coalesce(nullif(row_limit, ''), '10000'))));
end
$$;

-- exported: the keys of other tables that point at this one.
create or replace function pg_catalog.wf_show_foreign_keys(database text, schema text, relation text, exported text, row_limit text)
returns setof pg_catalog.wf_shown_foreign_keys
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query select * from json_populate_recordset(null::pg_catalog.wf_shown_foreign_keys, pg_internal.wf_there(database, format(
        'select json_agg(t) from (select * from pg_catalog.wf_shown_foreign_keys t where %s order by fk_schema_name, fk_table_name, fk_name, key_seq limit %s) t',
        replace(replace(pg_internal.wf_same_table(schema, relation), 't.table_name', case exported when 'true' then 't.pk_table_name' else 't.fk_table_name' end),
            't.schema_name', case exported when 'true' then 't.pk_schema_name' else 't.fk_schema_name' end),
        coalesce(nullif(row_limit, ''), '10000'))));
end
$$;

create or replace function pg_internal.wf_grants_shown(database text, condition text, row_limit text)
returns setof pg_catalog.wf_shown_grants
language plpgsql volatile
as $$
begin
    return query select * from json_populate_recordset(null::pg_catalog.wf_shown_grants, pg_internal.wf_there(database, format(
        'select json_agg(t) from (select * from pg_catalog.wf_shown_grants t where %s order by schema_name, object_name, column_name, identity_type, identity_name, privilege_type limit %s) t',
        condition, coalesce(nullif(row_limit, ''), '10000'))));
end
$$;

create or replace function pg_internal.wf_to_whom(kind text, name text) returns text
language sql immutable
as $$ select case when kind is null then '' else format(' and t.real_type = %L and t.real_name = %L', kind, name) end $$;

create or replace function pg_catalog.wf_show_grants(database text, kind text, schema text, object text, grantee_type text, grantee text, row_limit text)
returns table (database_name text, schema_name text, object_name text, object_type text, privilege_type text, identity_id integer,
    identity_name text, identity_type text, admin_option boolean, privilege_scope text, grantor_name text)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, case kind when 'schema' then object else schema end, case kind when 'table' then object end);
    return query select g.database_name, g.schema_name, g.object_name, g.object_type, g.privilege_type, g.identity_id, g.identity_name,
        g.identity_type, g.admin_option, g.privilege_scope, g.grantor_name
    from pg_internal.wf_grants_shown(database, format('t.object_type in (%L, %L) and t.object_name = %L', upper(kind),
            case kind when 'function' then 'PROCEDURE' else upper(kind) end, object)
        || case when schema is null then case when kind in ('table', 'function') then ' and t.schema_name = any (current_schemas(false)::text[])' else '' end
            else format(' and t.schema_name = %L', schema) end
        || pg_internal.wf_to_whom(grantee_type, grantee), row_limit) g;
end
$$;

create or replace function pg_catalog.wf_show_grants_for(grantee_type text, grantee text, row_limit text)
returns table (database_name text, schema_name text, object_name text, object_type text, privilege_type text, identity_id integer,
    identity_name text, identity_type text, admin_option boolean, privilege_scope text, grantor_name text)
language sql volatile
as $$
    select g.database_name, g.schema_name, g.object_name, g.object_type, g.privilege_type, g.identity_id, g.identity_name,
        g.identity_type, g.admin_option, g.privilege_scope, g.grantor_name
    from pg_internal.wf_grants_shown(current_database(), 'true' || pg_internal.wf_to_whom(grantee_type, grantee), row_limit) g
    where g.column_name is null
$$;

create or replace function pg_catalog.wf_show_column_grants(database text, schema text, relation text, grantee_type text, grantee text, row_limit text)
returns table (database_name text, schema_name text, table_name text, column_name text, object_type text, privilege_type text,
    identity_id integer, identity_name text, identity_type text, admin_option boolean, privilege_scope text, grantor_name text)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query select g.database_name, g.schema_name, g.object_name, g.column_name, g.object_type, g.privilege_type, g.identity_id,
        g.identity_name, g.identity_type, g.admin_option, g.privilege_scope, g.grantor_name
    from pg_internal.wf_grants_shown(database, format('t.object_type = ''COLUMN'' and t.object_name = %L', relation)
        || case when schema is null then ' and t.schema_name = any (current_schemas(false)::text[])' else format(' and t.schema_name = %L', schema) end
        || pg_internal.wf_to_whom(grantee_type, grantee), row_limit) g;
end
$$;

create or replace function pg_catalog.wf_show_routines(database text, kind text, schema text, pattern text, row_limit text)
returns table (database_name varchar, schema_name varchar, routine_name varchar, number_of_arguments integer, argument_list varchar,
    return_type varchar, remarks varchar)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, null);
    return query select r.database_name, r.schema_name, r.routine_name, r.number_of_arguments, r.argument_list, r.return_type, r.remarks
    from json_populate_recordset(null::pg_catalog.wf_shown_routines, pg_internal.wf_there(database, format(
        'select json_agg(t) from (select * from pg_catalog.wf_shown_routines t where t.schema_name = %L and t.is_procedure = %L and (%L is null or t.routine_name like %L) order by routine_name, argument_list limit %s) t',
        schema, kind = 'procedures', pattern, pattern, coalesce(nullif(row_limit, ''), '10000')))) r;
end
$$;
