-- What Redshift knows of a table and PostgreSQL has no place for. Filled by event triggers and by the procedures that
-- run DDL; rows go when their object goes.

create table if not exists pg_internal.wf_relation (
    relid oid primary key,
    created timestamptz not null default clock_timestamp(),
    altered timestamptz not null default clock_timestamp(),
    diststyle text,
    distkey smallint,
    sortstyle text,
    sortkeys smallint[],
    backup boolean,
    auto_refresh boolean
);

create table if not exists pg_internal.wf_column (
    relid oid,
    attnum smallint,
    encoding text,
    primary key (relid, attnum)
);

-- kind: the word after FROM (data catalog, redshift, kinesis, …); options as written, without secrets.
create table if not exists pg_internal.wf_external_schema (
    nspoid oid primary key,
    kind integer not null,
    database text,
    options jsonb not null
);

create table if not exists pg_internal.wf_late_binding (
    relid oid primary key,
    definition text not null,
    refs oid[] not null default '{}',
    trouble text
);

create table if not exists pg_internal.wf_materialized (
    relid oid primary key,
    refreshed timestamptz not null default clock_timestamp(),
    changes numeric not null
);

-- Databases keep what ran in them; the views ask each database.
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
create index if not exists wf_query_start on pg_internal.wf_query (start_time);

-- Moments at which a change of a table's rows was noticed. The counters tell the next one.
create table if not exists pg_internal.wf_modified (
    relid oid,
    seen timestamptz,
    counter numeric not null,
    primary key (relid, seen)
);

create or replace function pg_internal.wf_counter(relid oid) returns numeric
language sql stable set search_path = pg_catalog
as $$
    select pg_stat_get_tuples_inserted(relid)::numeric + pg_stat_get_tuples_updated(relid) + pg_stat_get_tuples_deleted(relid)
        + pg_relation_filenode(relid)::bigint::numeric * 1000000000000000
$$;

