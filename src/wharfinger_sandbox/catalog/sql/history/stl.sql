-- STL and STV views of what ran and what is there.

-- STL_QUERY. Source: unverified.
create or replace view pg_catalog.stl_query as
select
    user_id as userid,
    query_id::int as query,
    query_label::character(320) as label,
    transaction_id as xid,
    session_id as pid,
    database_name::character(32) as database,
    query_text::character(4000) as querytxt,
    start_time as starttime,
    end_time as endtime,
    case status when 'success' then 0 else 1 end as aborted,
    0 as insert_pristine,
    0 as concurrency_scaling_status
from pg_catalog.wf_query_everywhere;

-- STL_INSERT. Source: redshift-facts §5.4.
create or replace view pg_catalog.stl_insert as
select
    user_id as userid,
    query_id::int as query,
    0 as slice,
    0 as segment,
    step_id as step,
    start_time as starttime,
    end_time as endtime,
    0 as tasknum,
    coalesce(rows, 0) as rows,
    table_id as tbl
from pg_catalog.wf_step_here
where step_name = 'insert';

-- STL_DELETE. Source: redshift-facts §5.4.
create or replace view pg_catalog.stl_delete as
select
    user_id as userid,
    query_id::int as query,
    0 as slice,
    0 as segment,
    step_id as step,
    start_time as starttime,
    end_time as endtime,
    0 as tasknum,
    coalesce(rows, 0) as rows,
    table_id as tbl
from pg_catalog.wf_step_here
where step_name = 'delete';

-- STV_SESSIONS: the sessions that the user may see. Source: unverified.
create or replace view pg_catalog.stv_sessions as
select
    backend_start at time zone 'UTC' as starttime,
    pid as process,
    usename::character(50) as user_name,
    datname::character(50) as db_name,
    0 as timeout_sec
from pg_stat_get_activity(null) a
join pg_roles r on r.oid = a.usesysid
join pg_database d on d.oid = a.datid
cross join lateral (select r.rolname as usename) n
where r.rolname <> 'wf_engine'
    and ((select pg_internal.wf_sees_all(current_user)) or r.rolname = current_user);

-- STV_TBL_PERM, for superusers. Source: redshift-facts §5.4.
create or replace view pg_catalog.stv_tbl_perm as
select
    0 as slice,
    c.oid::int as id,
    c.relname::character(72) as name,
    (n.live + n.dead)::bigint as rows,
    n.live::bigint as sorted_rows,
    0 as temp,
    (select oid::int from pg_database where datname = current_database()) as db_id,
    0 as insert_pristine,
    0 as delete_pristine,
    1 as backup
from pg_internal.wf_row_counts n
join pg_class c on c.oid = n.relid
where not pg_internal.wf_is_system_schema(c.relnamespace::regnamespace::text);

grant select on
    pg_catalog.stl_query,
    pg_catalog.stl_insert,
    pg_catalog.stl_delete,
    pg_catalog.stv_sessions
to public;

grant select on pg_catalog.stv_tbl_perm to wf_superuser;
