-- Row counts and sizes. Rows come from the engine's counters, so nothing is scanned.

-- Rows of each table by the engine's counters. After a crash of the engine they begin at zero, and the estimate of
-- the last ANALYZE is used instead. Source: sandbox, internal.
create or replace view pg_internal.wf_row_counts as
select
    c.oid as relid,
    case
        when s.live + s.dead = 0 and c.reltuples > 0 and s.deleted = 0 then c.reltuples::numeric
        else s.live
    end as live,
    s.dead,
    s.changed
from
    pg_class c,
    lateral (
        select
            pg_stat_get_live_tuples(c.oid)::numeric as live,
            pg_stat_get_dead_tuples(c.oid)::numeric as dead,
            pg_stat_get_tuples_deleted(c.oid) as deleted,
            pg_stat_get_mod_since_analyze(c.oid)::numeric as changed
    ) s
where c.relkind in ('r', 'm');

-- SVV_TABLE_INFO. Empty tables are absent; what only a column store knows is NULL. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_table_info as
select
    current_database()::text as database,
    r.nspname::text as schema,
    r.relid as table_id,
    r.relname::text as "table",
    case
        when exists (
            select
            from pg_internal.wf_column e
            where e.relid = r.relid and e.encoding is not null
        )
            then 'Y'
        else 'Y, AUTO(ENCODE)'
    end::text as encoded,
    case r.diststyle
        when 'even' then 'EVEN'
        when 'all' then 'ALL'
        when 'key' then format(
            'KEY(%s)',
            (select attname from pg_attribute a where a.attrelid = r.relid and a.attnum = r.distkey)
        )
        else 'AUTO(ALL)'
    end::text as diststyle,
    case
        when r.sortkeys <> '{}'
            then case
                when r.sortstyle = 'interleaved' then 'INTERLEAVED'
                else (
                    select attname
                    from pg_attribute a
                    where a.attrelid = r.relid and a.attnum = r.sortkeys[1]
                )
            end
        when r.sortstyle is null or r.sortstyle = 'auto' then 'AUTO(SORTKEY)'
    end::text as sortkey1,
    coalesce(
        (
            select max(a.atttypmod - 4)
            from pg_attribute a
            where a.attrelid = r.relid
                and a.atttypid = 'varchar'::regtype
                and a.atttypmod > 0
                and not a.attisdropped
        ),
        0
    )::int as max_varchar,
    case
        when r.sortkeys <> '{}' then pg_internal.wf_encoding(
            (
                select e.encoding
                from pg_internal.wf_column e
                where e.relid = r.relid and e.attnum = r.sortkeys[1]
            ),
            0,
            r.sortkeys,
            r.sortkeys[1]
        )
    end::character(32) as sortkey1_enc,
    coalesce(cardinality(r.sortkeys), 0)::int as sortkey_num,
    ceil(pg_total_relation_size(r.relid) / 1048576.0)::bigint as size,
    null::numeric(10, 4) as pct_used,
    0::bigint as empty,
    null::numeric(5, 2) as unsorted,
    least(100, round(100 * n.changed / greatest(n.live + n.dead, 1), 2))::numeric(5, 2) as stats_off,
    (n.live + n.dead)::numeric(38, 0) as tbl_rows,
    null::numeric(19, 2) as skew_sortkey1,
    null::numeric(19, 2) as skew_rows,
    n.live::numeric(38, 0) as estimated_visible_rows,
    null::text as risk_event,
    null::numeric(12, 2) as vacuum_sort_benefit,
    (r.created at time zone 'UTC')::timestamp as create_time
from pg_internal.wf_relations r
join pg_internal.wf_row_counts n on n.relid = r.relid
where r.kind in ('table', 'materialized_view') and not r.system and n.live + n.dead > 0;

-- Ordinary users need GRANT SELECT on it (redshift-facts §4.4).
grant select on pg_catalog.svv_table_info to wf_superuser;
