-- REFRESH MATERIALIZED VIEW, and whether a refresh is due.

-- The sum of the counters of the tables a materialized view reads. Source: sandbox, internal.
create or replace function pg_internal.wf_base_changes(relation oid) returns numeric
language sql stable set search_path = pg_catalog
as $$
    select coalesce(sum(pg_internal.wf_counter(base)), 0)
    from (
        select distinct d.refobjid as base
        from pg_rewrite r
        join pg_depend d
            on d.classid = 'pg_rewrite'::regclass
                and d.objid = r.oid
                and d.refclassid = 'pg_class'::regclass
        join pg_class c on c.oid = d.refobjid and c.relkind = 'r'
        where r.ev_class = relation
    ) bases
$$;

-- REFRESH MATERIALIZED VIEW. Source: unverified.
create or replace procedure pg_catalog.wf_refresh(relation text)
language plpgsql
as $$
begin
    execute 'refresh materialized view ' || relation;
    perform pg_catalog.wf_record(pg_catalog.to_regclass(relation)::oid, '{"materialized": true}');
end
$$;
