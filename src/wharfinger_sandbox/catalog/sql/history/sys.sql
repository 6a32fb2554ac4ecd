-- SYS views of what ran.

-- SYS_QUERY_HISTORY. Transactions are not told apart: transaction_id is 0. Source: redshift-facts §5.2.
create or replace view pg_catalog.sys_query_history as
select
    user_id,
    query_id,
    query_label::character(320) as query_label,
    transaction_id,
    session_id,
    database_name::character(128) as database_name,
    query_type::character(32) as query_type,
    status::character(10) as status,
    false as result_cache_hit,
    start_time,
    end_time,
    elapsed_time,
    0::bigint as queue_time,
    elapsed_time as execution_time,
    left(error_message, 512)::character(512) as error_message,
    returned_rows,
    returned_bytes,
    query_text::character(4000) as query_text,
    'Redshift 1.0 (Wharfinger sandbox)'::character(256) as redshift_version,
    ''::character(150) as usage_limit,
    'primary'::varchar(50) as compute_type,
    0::bigint as compile_time,
    0::bigint as planning_time,
    0::bigint as lock_wait_time
from pg_catalog.wf_query_everywhere;

-- SYS_QUERY_DETAIL: one step for each kind of writing; the steps of reading are not known.
-- Source: redshift-facts §5.2.
create or replace view pg_catalog.sys_query_detail as
select
    user_id,
    query_id,
    1 as child_query_sequence,
    0 as stream_id,
    0 as segment_id,
    step_id,
    step_name::text as step_name,
    table_id,
    table_name::character(136) as table_name,
    'f'::character(1) as is_rrscan,
    start_time,
    end_time,
    duration,
    ''::character(256) as alert,
    0::bigint as input_bytes,
    0::bigint as output_bytes,
    rows as input_rows,
    rows as output_rows,
    0::bigint as blocks_read,
    0::bigint as blocks_write,
    0::bigint as local_read_io,
    0::bigint as remote_read_io,
    ''::text as source,
    0 as data_skewness,
    0 as time_skewness,
    'f'::character(1) as is_active,
    0::bigint as spilled_block_local_disk,
    0::bigint as spilled_block_remote_disk,
    ''::character(64) as step_attribute
from pg_catalog.wf_step_everywhere;

grant select on pg_catalog.sys_query_history, pg_catalog.sys_query_detail to public;
