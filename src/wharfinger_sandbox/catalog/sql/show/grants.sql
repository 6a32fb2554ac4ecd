-- SHOW GRANTS and SHOW COLUMN GRANTS.

-- The rows of SHOW GRANTS in this database. Groups show as roles with a leading slash.
-- Source: redshift-facts §3.3, §4.5.
create or replace view pg_catalog.wf_shown_grants as
select
    current_database()::text as database_name,
    g.nspname::text as schema_name,
    g.object_name::text as object_name,
    g.column_name::text as column_name,
    upper(g.object_type)::text as object_type,
    g.privilege::text as privilege_type,
    g.grantee::int as identity_id,
    case g.identity_type
        when 'group' then '/' || g.identity_name
        else g.identity_name
    end::text as identity_name,
    case g.identity_type when 'group' then 'role' else g.identity_type end::text as identity_type,
    g.is_grantable as admin_option,
    upper(
        case g.object_type when 'column' then 'table' else g.object_type end
    )::text as privilege_scope,
    pg_internal.wf_name(g.grantor)::text as grantor_name,
    g.identity_type as real_type,
    g.identity_name as real_name
from pg_internal.wf_visible_grants g
where (select pg_internal.wf_sees_all(current_user))
    or pg_has_role(g.owner, 'usage')
    or g.grantee <> 0 and pg_has_role(current_user, g.grantee, 'member')
union all
select
    current_database(),
    s.nspname,
    coalesce(s.nspname, current_database()),
    null,
    case when s.schema = 0 then 'DATABASE' else 'SCHEMA' end,
    s.privilege,
    s.grantee::int,
    s.identity_name,
    s.identity_type,
    s.admin_option,
    s.scope,
    null,
    s.identity_type,
    s.identity_name
from pg_internal.wf_scope_grants s;

grant select on pg_catalog.wf_shown_grants to public;

-- The rows of wf_shown_grants in a database that meet an SQL condition. Source: sandbox, internal.
create or replace function pg_internal.wf_grants_shown(
    database text,
    condition text,
    row_limit text
) returns setof pg_catalog.wf_shown_grants
language plpgsql volatile
as $$
begin
    return query
        select *
        from json_populate_recordset(
            null::pg_catalog.wf_shown_grants,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_grants t '
                    'where %s '
                    'order by schema_name, object_name, column_name, identity_type, '
                    'identity_name, privilege_type '
                    'limit %s) t',
                    condition,
                    coalesce(nullif(row_limit, ''), '10000')
                )
            )
        );
end
$$;

-- The SQL condition for FOR user | ROLE … . Source: sandbox, internal.
create or replace function pg_internal.wf_grantee_condition(kind text, name text) returns text
language sql immutable
as $$
    select case
        when kind is null then ''
        else format(' and t.real_type = %L and t.real_name = %L', kind, name)
    end
$$;

-- SHOW GRANTS ON object [FOR grantee]. Source: redshift-facts §4.5.
create or replace function pg_catalog.wf_show_grants(
    database text,
    kind text,
    schema text,
    object text,
    grantee_type text,
    grantee text,
    row_limit text
)
returns table (
    database_name text,
    schema_name text,
    object_name text,
    object_type text,
    privilege_type text,
    identity_id integer,
    identity_name text,
    identity_type text,
    admin_option boolean,
    privilege_scope text,
    grantor_name text
)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(
        database,
        case kind when 'schema' then object else schema end,
        case kind when 'table' then object end
    );
    return query
        select
            g.database_name, g.schema_name, g.object_name, g.object_type, g.privilege_type,
            g.identity_id, g.identity_name, g.identity_type, g.admin_option, g.privilege_scope,
            g.grantor_name
        from pg_internal.wf_grants_shown(
            database,
            format(
                't.object_type in (%L, %L) and t.object_name = %L',
                upper(kind),
                case kind when 'function' then 'PROCEDURE' else upper(kind) end,
                object
            )
                || case
                    when schema is null
                        then case
                            when kind in ('table', 'function')
                                then ' and t.schema_name = any (current_schemas(false)::text[])'
                            else ''
                        end
                    else format(' and t.schema_name = %L', schema)
                end
                || pg_internal.wf_grantee_condition(grantee_type, grantee),
            row_limit
        ) g;
end
$$;

-- SHOW GRANTS FOR grantee. Source: redshift-facts §4.5.
create or replace function pg_catalog.wf_show_grants_for(
    grantee_type text,
    grantee text,
    row_limit text
)
returns table (
    database_name text,
    schema_name text,
    object_name text,
    object_type text,
    privilege_type text,
    identity_id integer,
    identity_name text,
    identity_type text,
    admin_option boolean,
    privilege_scope text,
    grantor_name text
)
language sql volatile
as $$
    select
        g.database_name, g.schema_name, g.object_name, g.object_type, g.privilege_type,
        g.identity_id, g.identity_name, g.identity_type, g.admin_option, g.privilege_scope,
        g.grantor_name
    from pg_internal.wf_grants_shown(
        current_database(), 'true' || pg_internal.wf_grantee_condition(grantee_type, grantee), row_limit
    ) g
    where g.column_name is null
$$;

-- SHOW COLUMN GRANTS ON TABLE. Source: redshift-facts §4.5.
create or replace function pg_catalog.wf_show_column_grants(
    database text,
    schema text,
    relation text,
    grantee_type text,
    grantee text,
    row_limit text
)
returns table (
    database_name text,
    schema_name text,
    table_name text,
    column_name text,
    object_type text,
    privilege_type text,
    identity_id integer,
    identity_name text,
    identity_type text,
    admin_option boolean,
    privilege_scope text,
    grantor_name text
)
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query
        select
            g.database_name, g.schema_name, g.object_name, g.column_name, g.object_type,
            g.privilege_type, g.identity_id, g.identity_name, g.identity_type, g.admin_option,
            g.privilege_scope, g.grantor_name
        from pg_internal.wf_grants_shown(
            database,
            format('t.object_type = ''COLUMN'' and t.object_name = %L', relation)
                || case
                    when schema is null
                        then ' and t.schema_name = any (current_schemas(false)::text[])'
                    else format(' and t.schema_name = %L', schema)
                end
                || pg_internal.wf_grantee_condition(grantee_type, grantee),
            row_limit
        ) g;
end
$$;
