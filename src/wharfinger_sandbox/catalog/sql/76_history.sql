-- What ran, from the rows that the statement layer writes; rows of other users are hidden, not refused (redshift-facts §5.4).

create or replace view pg_catalog.wf_query_here as
select coalesce((select u.oid::int from pg_internal.wf_users u where u.rolname = q.user_name), 0) as user_id, q.query_id,
    'default'::text as query_label, 0::bigint as transaction_id, q.session_id, current_database()::text as database_name,
    q.kind as query_type, q.status, q.start_time, q.end_time,
    (extract(epoch from q.end_time - q.start_time) * 1000000)::bigint as elapsed_time, q.error as error_message,
    q.returned_rows, q.returned_bytes, left(q.query_text, 4000) as query_text
from pg_internal.wf_query q
where q.user_name = current_user or (select pg_internal.wf_sees_all(current_user));

create or replace view pg_catalog.wf_step_here as
select coalesce((select u.oid::int from pg_internal.wf_users u where u.rolname = q.user_name), 0) as user_id, q.query_id, s.n::int as step_id,
    s.name as step_name, q.table_id::int as table_id,
    current_database() || '.' || coalesce((select c.relnamespace::regnamespace::text || '.' || quote_ident(c.relname) from pg_class c
        where c.oid = q.table_id), '') as table_name,
    q.start_time, q.end_time, (extract(epoch from q.end_time - q.start_time) * 1000000)::bigint as duration, q.rows,
    q.session_id, q.query_text
from pg_internal.wf_query q cross join lateral unnest(q.steps) with ordinality s(name, n)
where q.status = 'success' and (q.user_name = current_user or (select pg_internal.wf_sees_all(current_user)));

grant select on pg_catalog.wf_query_here, pg_catalog.wf_step_here to public;

create or replace function pg_internal.wf_queries_of(database name) returns setof pg_catalog.wf_query_here
language sql volatile
as $$ select * from json_populate_recordset(null::pg_catalog.wf_query_here,
    pg_internal.wf_ask(database, 'select json_agg(t) from pg_catalog.wf_query_here t')) $$;

create or replace function pg_internal.wf_steps_of(database name) returns setof pg_catalog.wf_step_here
language sql volatile
as $$ select * from json_populate_recordset(null::pg_catalog.wf_step_here,
    pg_internal.wf_ask(database, 'select json_agg(t) from pg_catalog.wf_step_here t')) $$;

create or replace view pg_catalog.wf_query_everywhere as
select * from pg_catalog.wf_query_here
union all
select a.user_id, a.query_id, a.query_label, a.transaction_id, a.session_id, d.datname::text, a.query_type, a.status, a.start_time, a.end_time,
    a.elapsed_time, a.error_message, a.returned_rows, a.returned_bytes, a.query_text
from pg_internal.wf_other_databases d cross join lateral pg_internal.wf_queries_of(d.datname) a;

create or replace view pg_catalog.wf_step_everywhere as
select * from pg_catalog.wf_step_here
union all
select a.* from pg_internal.wf_other_databases d cross join lateral pg_internal.wf_steps_of(d.datname) a;

create or replace view pg_catalog.sys_query_history as
select user_id, query_id, query_label::character(320) as query_label, transaction_id, session_id, database_name::character(128) as database_name,
    query_type::character(32) as query_type, status::character(10) as status, false as result_cache_hit, start_time, end_time, elapsed_time,
    0::bigint as queue_time, elapsed_time as execution_time, left(error_message, 512)::character(512) as error_message, returned_rows,
    returned_bytes, query_text::character(4000) as query_text, 'Redshift 1.0 (Wharfinger sandbox)'::character(256) as redshift_version,
    ''::character(150) as usage_limit, 'primary'::varchar(50) as compute_type, 0::bigint as compile_time, 0::bigint as planning_time,
    0::bigint as lock_wait_time
from pg_catalog.wf_query_everywhere;

-- One step for each kind of writing; the steps of reading are not known.
create or replace view pg_catalog.sys_query_detail as
select user_id, query_id, 1 as child_query_sequence, 0 as stream_id, 0 as segment_id, step_id, step_name::text as step_name, table_id,
    table_name::character(136) as table_name, 'f'::character(1) as is_rrscan, start_time, end_time, duration, ''::character(256) as alert,
    0::bigint as input_bytes, 0::bigint as output_bytes, rows as input_rows, rows as output_rows, 0::bigint as blocks_read,
    0::bigint as blocks_write, 0::bigint as local_read_io, 0::bigint as remote_read_io, ''::text as source, 0 as data_skewness,
    0 as time_skewness, 'f'::character(1) as is_active, 0::bigint as spilled_block_local_disk, 0::bigint as spilled_block_remote_disk,
    ''::character(64) as step_attribute
from pg_catalog.wf_step_everywhere;

create or replace view pg_catalog.stl_query as
select user_id as userid, query_id::int as query, query_label::character(320) as label, transaction_id as xid, session_id as pid,
    database_name::character(32) as database, query_text::character(4000) as querytxt, start_time as starttime, end_time as endtime,
    case status when 'success' then 0 else 1 end as aborted, 0 as insert_pristine, 0 as concurrency_scaling_status
from pg_catalog.wf_query_everywhere;

create or replace view pg_catalog.stl_insert as
select user_id as userid, query_id::int as query, 0 as slice, 0 as segment, step_id as step, start_time as starttime, end_time as endtime,
    0 as tasknum, coalesce(rows, 0) as rows, table_id as tbl
from pg_catalog.wf_step_here where step_name = 'insert';

create or replace view pg_catalog.stl_delete as
select user_id as userid, query_id::int as query, 0 as slice, 0 as segment, step_id as step, start_time as starttime, end_time as endtime,
    0 as tasknum, coalesce(rows, 0) as rows, table_id as tbl
from pg_catalog.wf_step_here where step_name = 'delete';

create or replace view pg_catalog.stv_sessions as
select backend_start at time zone 'UTC' as starttime, pid as process, usename::character(50) as user_name, datname::character(50) as db_name, 0 as timeout_sec
from pg_stat_get_activity(null) a join pg_roles r on r.oid = a.usesysid
join pg_database d on d.oid = a.datid
cross join lateral (select r.rolname as usename) n
where r.rolname <> 'wf_engine' and ((select pg_internal.wf_sees_all(current_user)) or r.rolname = current_user);

create or replace view pg_catalog.stv_tbl_perm as
select 0 as slice, c.oid::int as id, c.relname::character(72) as name, (n.live + n.dead)::bigint as rows, n.live::bigint as sorted_rows, 0 as temp,
    (select oid::int from pg_database where datname = current_database()) as db_id, 0 as insert_pristine, 0 as delete_pristine, 1 as backup
from pg_internal.wf_row_counts n join pg_class c on c.oid = n.relid
where not pg_internal.wf_is_system_schema(c.relnamespace::regnamespace::text);

grant select on pg_catalog.wf_query_everywhere, pg_catalog.wf_step_everywhere, pg_catalog.sys_query_history, pg_catalog.sys_query_detail,
    pg_catalog.stl_query, pg_catalog.stl_insert, pg_catalog.stl_delete, pg_catalog.stv_sessions to public;
grant select on pg_catalog.stv_tbl_perm to wf_superuser;
