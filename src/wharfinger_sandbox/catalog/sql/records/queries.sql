-- The statements that ran. Each database keeps its own; the system views ask all of them.

-- Each statement with its times, outcome, and the table and steps of what it wrote. Source: sandbox, internal.
create table if not exists pg_internal.wf_query (
    query_id bigint generated always as identity primary key,
    user_name text not null,
    session_id integer,
    kind text not null,
    status text not null,
    start_time timestamp not null,
    end_time timestamp not null,
    error text,
    returned_rows bigint,
    returned_bytes bigint,
    query_text text not null,
    table_id oid,
    steps text[] not null default '{}',
    rows bigint
);

-- The system views read the latest statements first.
create index if not exists wf_query_start on pg_internal.wf_query (start_time);
