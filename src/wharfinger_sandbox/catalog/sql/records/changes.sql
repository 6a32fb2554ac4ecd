-- When the rows of a table changed.

-- Moments at which a change of a table's rows was noticed, and the counter then. Source: sandbox, internal.
create table if not exists pg_internal.wf_modified (
    relid oid,
    seen timestamptz,
    counter numeric not null,
    primary key (relid, seen)
);

-- A number that grows with every change of a table's rows: the engine's counters, and the number of the file, which
-- TRUNCATE and rewrites change. Source: sandbox, internal.
create or replace function pg_internal.wf_counter(relid oid) returns numeric
language sql stable set search_path = pg_catalog
as $$
    select pg_stat_get_tuples_inserted(relid)::numeric
        + pg_stat_get_tuples_updated(relid)
        + pg_stat_get_tuples_deleted(relid)
        + pg_relation_filenode(relid)::bigint::numeric * 1000000000000000
$$;
