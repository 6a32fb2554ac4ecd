-- When a table was last modified. A change of a table's rows shows in the engine's counters; the sandbox compares
-- them once a second, and whenever a SHOW TABLES runs.

-- Sets how late last_modified_time is. The lag is one for all databases, so it is kept with a role, which they
-- share. Source: sandbox, internal.
create or replace function pg_internal.wf_set_modified_lag(seconds double precision) returns void
language sql set search_path = pg_catalog
as $$
    select pg_internal.wf_set_properties(
        'wf_superuser'::regrole, jsonb_build_object('modified_lag_s', seconds)
    )
$$;

-- How late last_modified_time is; about 5 minutes by default. Source: redshift-facts §5.4.
create or replace function pg_internal.wf_modified_lag() returns interval
language sql stable security definer set search_path = pg_catalog
as $$
    select interval '1 second' * coalesce(
        (pg_internal.wf_properties('wf_superuser'::regrole) ->> 'modified_lag_s')::double precision, 300
    )
$$;

-- Records the tables whose counter changed since the last look, with the present time. Returns how many changed.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_observe() returns integer
language plpgsql volatile security definer set search_path = pg_catalog
as $$
declare
    noticed oid[];
begin
    with now_there as (
        select c.oid as relid, pg_internal.wf_counter(c.oid) as counter, r.created
        from pg_class c
        join pg_internal.wf_relation r on r.relid = c.oid
        where c.relkind in ('r', 'm')
    ),
    added as (
        insert into pg_internal.wf_modified (relid, seen, counter)
        select
            n.relid,
            case
                when l.counter is null and mod(n.counter, 1000000000000000) = 0 then n.created
                else clock_timestamp()
            end,
            n.counter
        from now_there n
        left join lateral (
            select m.counter
            from pg_internal.wf_modified m
            where m.relid = n.relid
            order by m.seen desc
            limit 1
        ) l on true
        where l.counter is distinct from n.counter
        on conflict do nothing
        returning relid
    )
    select array_agg(relid)
    into noticed
    from added;
    -- Of the moments older than the lag, only the last one is ever shown.
    delete from pg_internal.wf_modified m
    where m.relid = any (noticed)
        and exists (
            select
            from pg_internal.wf_modified later
            where later.relid = m.relid
                and later.seen > m.seen
                and later.seen <= clock_timestamp() - pg_internal.wf_modified_lag()
        );
    return coalesce(cardinality(noticed), 0);
end
$$;

-- Whether some counter differs from the last one recorded. Source: sandbox, internal.
create or replace function pg_internal.wf_unseen_changes() returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select exists (
        select
        from pg_class c
        join pg_internal.wf_relation r on r.relid = c.oid
        where c.relkind in ('r', 'm')
            and pg_internal.wf_counter(c.oid) is distinct from (
                select m.counter
                from pg_internal.wf_modified m
                where m.relid = c.oid
                order by m.seen desc
                limit 1
            )
    )
$$;

-- At a start of the sandbox: a table without a record is recorded as unchanged since it was created; a table with
-- one keeps its times. Source: sandbox, internal.
create or replace function pg_internal.wf_record_unmodified() returns void
language sql set search_path = pg_catalog
as $$
    insert into pg_internal.wf_modified (relid, seen, counter)
    select c.oid, r.created, pg_internal.wf_counter(c.oid)
    from pg_class c
    join pg_internal.wf_relation r on r.relid = c.oid
    where c.relkind in ('r', 'm')
        and not exists (select from pg_internal.wf_modified m where m.relid = c.oid)
    on conflict do nothing;
    select pg_internal.wf_observe()
$$;
