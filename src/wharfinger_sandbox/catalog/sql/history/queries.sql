-- What ran, from the rows that the statement layer writes. Rows of other users are hidden, not refused
-- (redshift-facts §5.4).

-- The statements of this database: the user's own, or all for who may see them. Source: redshift-facts §5.4.
create or replace view pg_catalog.wf_query_here as
select
    coalesce(
        (select u.oid::int from pg_internal.wf_users u where u.rolname = q.user_name), 0
    ) as user_id,
    q.query_id,
    'default'::text as query_label,
    0::bigint as transaction_id,
    q.session_id,
    current_database()::text as database_name,
    q.kind as query_type,
    q.status,
    q.start_time,
    q.end_time,
    (extract(epoch from q.end_time - q.start_time) * 1000000)::bigint as elapsed_time,
    q.error as error_message,
    q.returned_rows,
    q.returned_bytes,
    left(q.query_text, 4000) as query_text
from pg_internal.wf_query q
where q.user_name = current_user or (select pg_internal.wf_sees_all(current_user));

-- The writing steps of those statements, with the table they wrote. Source: redshift-facts §5.4.
create or replace view pg_catalog.wf_step_here as
select
    coalesce(
        (select u.oid::int from pg_internal.wf_users u where u.rolname = q.user_name), 0
    ) as user_id,
    q.query_id,
    s.n::int as step_id,
    s.name as step_name,
    q.table_id::int as table_id,
    current_database() || '.'
        || coalesce(
            (
                select c.relnamespace::regnamespace::text || '.' || quote_ident(c.relname)
                from pg_class c
                where c.oid = q.table_id
            ),
            ''
        ) as table_name,
    q.start_time,
    q.end_time,
    (extract(epoch from q.end_time - q.start_time) * 1000000)::bigint as duration,
    q.rows,
    q.session_id,
    q.query_text
from pg_internal.wf_query q
cross join lateral unnest(q.steps) with ordinality s(name, n)
where q.status = 'success'
    and (q.user_name = current_user or (select pg_internal.wf_sees_all(current_user)));

grant select on pg_catalog.wf_query_here, pg_catalog.wf_step_here to public;

-- wf_query_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_queries_of(database name)
returns setof pg_catalog.wf_query_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_query_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_query_here t')
    )
$$;

-- wf_step_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_steps_of(database name)
returns setof pg_catalog.wf_step_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_step_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_step_here t')
    )
$$;

-- The statements of all databases. Source: sandbox, internal.
create or replace view pg_catalog.wf_query_everywhere as
select *
from pg_catalog.wf_query_here
union all
select
    a.user_id,
    a.query_id,
    a.query_label,
    a.transaction_id,
    a.session_id,
    d.datname::text,
    a.query_type,
    a.status,
    a.start_time,
    a.end_time,
    a.elapsed_time,
    a.error_message,
    a.returned_rows,
    a.returned_bytes,
    a.query_text
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_queries_of(d.datname) a;

-- The writing steps of all databases. Source: sandbox, internal.
create or replace view pg_catalog.wf_step_everywhere as
select *
from pg_catalog.wf_step_here
union all
select a.*
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_steps_of(d.datname) a;

grant select on pg_catalog.wf_query_everywhere, pg_catalog.wf_step_everywhere to public;
