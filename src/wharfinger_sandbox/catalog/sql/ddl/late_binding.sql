-- Binding: every DDL statement resolves again the late-binding views that read what it changed. A view that cannot
-- be resolved gives the engine's error when it is read.

-- The rule of a view is text while it is moved from one view to another.
do $$
begin
    if not exists (
        select
        from pg_cast
        where castsource = 'text'::regtype and casttarget = 'pg_node_tree'::regtype
    ) then
        create cast (text as pg_node_tree) without function;
    end if;
end
$$;

-- What a view of this definition would be: its columns, its rule and what it reads, or the engine's complaint. The
-- view is made and rolled back at once, so that no lock on what it reads outlives the call.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_resolve(
    relation oid,
    definition text,
    out columns jsonb,
    out rule text,
    out refs oid[],
    out state text,
    out complaint text
)
language plpgsql set search_path = pg_catalog set lock_timeout = '200ms'
as $$
declare
    scratch constant text := format(
        'pg_internal.%I', 'wf_bind_' || relation || '_' || pg_backend_pid()
    );
begin
    execute format('create view %s %s', scratch, definition);
    select ev_action::text into rule from pg_rewrite where ev_class = scratch::regclass;
    columns := (
        select jsonb_agg(
            to_jsonb(a) - 'attacl' - 'attoptions' - 'attfdwoptions' - 'attmissingval' order by a.attnum
        )
        from pg_attribute a
        where a.attrelid = scratch::regclass and a.attnum > 0
    );
    refs := array(
        select distinct d.refobjid
        from pg_rewrite r
        join pg_depend d
            on d.classid = 'pg_rewrite'::regclass
                and d.objid = r.oid
                and d.refclassid = 'pg_class'::regclass
        where r.ev_class = scratch::regclass and d.refobjid <> scratch::regclass
    );
    raise exception using errcode = 'WF001', message = 'taken back';
exception
    when sqlstate 'WF001' then
        null;
    when others then
        -- What another transaction is changing counts as missing for now: that transaction binds the view again.
        get stacked diagnostics state = returned_sqlstate, complaint = message_text;
end
$$;

-- Lets one transaction at a time bind a view. It tries again and again instead of waiting for a lock, so that the
-- engine's search for deadlocks does not end a statement that waits for nothing of its own. The text is that of
-- Redshift's serialization error (redshift-facts §3.3). Source: sandbox, internal.
create or replace function pg_internal.wf_lock_view(relation oid) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    for attempt in 1 .. 1000 loop
        if pg_try_advisory_xact_lock(4703, relation::int) then
            return;
        end if;
        perform pg_sleep(0.01);
    end loop;
    raise exception using
        errcode = '40001',
        message = 'could not complete because of conflict with concurrent transaction';
end
$$;

-- Resolves a view's definition and gives the view the outcome. A view that stays unbound for the same reason is not
-- touched, so that nobody waits for it. Source: sandbox, internal.
create or replace function pg_internal.wf_bind(relation oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    late pg_internal.wf_late_binding;
    outcome record;
    broken record;
begin
    select * into late from pg_internal.wf_late_binding where relid = relation;
    if late.trouble is not null then
        outcome := pg_internal.wf_resolve(relation, late.definition);
        if outcome.complaint = late.trouble then
            return;
        end if;
    end if;
    perform pg_internal.wf_lock_view(relation);
    outcome := pg_internal.wf_resolve(relation, late.definition);
    if outcome.complaint is null then
        perform pg_internal.wf_replace_definition(relation, coalesce(outcome.columns, '[]'), outcome.rule);
    else
        broken := pg_internal.wf_resolve(
            relation,
            format(
                'as select %s where pg_catalog.wf_late_binding_failed(%L, %L)',
                (
                    select string_agg(
                        format('null::%s as %I', format_type(atttypid, atttypmod), attname),
                        ', ' order by attnum
                    )
                    from pg_attribute
                    where attrelid = relation and attnum > 0 and not attisdropped
                ),
                outcome.state,
                outcome.complaint
            )
        );
        perform pg_internal.wf_replace_definition(relation, coalesce(broken.columns, '[]'), broken.rule);
    end if;
    update pg_internal.wf_late_binding
    set refs = coalesce(outcome.refs, '{}'), trouble = outcome.complaint
    where relid = relation;
end
$$;

-- Gives a view other columns and another rule; its oid, owner, rights and comments stay. Source: sandbox, internal.
create or replace function pg_internal.wf_replace_definition(target oid, columns jsonb, rule text)
returns void
language plpgsql set search_path = pg_catalog set allow_system_table_mods = on
as $$
begin
    delete from pg_depend d
    using pg_rewrite r
    where r.ev_class = target
        and d.classid = 'pg_rewrite'::regclass
        and d.objid = r.oid
        and d.refobjid <> target;
    -- One statement: after the first of two, the engine would find columns that do not match relnatts.
    with gone as (
        delete from pg_attribute where attrelid = target and attnum > 0 returning 1
    ),
    come as (
        insert into pg_attribute (
            attrelid, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign,
            attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity,
            attgenerated, attisdropped, attislocal, attinhcount, attcollation
        )
        select
            target, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign,
            attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity,
            attgenerated, attisdropped, attislocal, attinhcount, attcollation
        from jsonb_to_recordset(columns) a(
            attname name,
            atttypid oid,
            attlen smallint,
            attnum smallint,
            atttypmod integer,
            attndims smallint,
            attbyval boolean,
            attalign "char",
            attstorage "char",
            attcompression "char",
            attnotnull boolean,
            atthasdef boolean,
            atthasmissing boolean,
            attidentity "char",
            attgenerated "char",
            attisdropped boolean,
            attislocal boolean,
            attinhcount smallint,
            attcollation oid
        )
        where (select count(*) from gone) >= 0
        returning 1
    )
    update pg_class
    set relnatts = (select count(*) from come)
    where oid = target;
    update pg_rewrite set ev_action = rule::pg_node_tree where ev_class = target;
    -- A change of the rule alone does not invalidate the session's cached view; a change of pg_class does.
    update pg_class set relhasrules = true where oid = target;
end
$$;

-- Binds again the views that read a changed or dropped relation, and those that could not be bound until now. A
-- view that changes affects those that read it, so this repeats until nothing changes. Source: sandbox, internal.
create or replace function pg_internal.wf_rebind(changed oid[]) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    pending oid[] := changed;
    mended oid[];
    one record;
begin
    for round in 0 .. (select count(*) from pg_internal.wf_late_binding) loop
        mended := '{}';
        for one in
            select l.relid, l.trouble
            from pg_internal.wf_late_binding l
            where (l.trouble is not null or l.refs && pending) and not l.relid = any (pending)
            order by l.relid
        loop
            perform pg_internal.wf_bind(one.relid);
            if one.trouble is distinct from (
                select trouble from pg_internal.wf_late_binding where relid = one.relid
            )
                or one.trouble is null
            then
                mended := mended || one.relid;
            end if;
        end loop;
        exit when mended = '{}';
        pending := mended;
    end loop;
end
$$;
