-- Late-binding views. Below each stands a view of the engine whose ties to what it reads are cut: those may be dropped,
-- renamed and made again. Every DDL binds anew the views it touches; one that cannot be bound says why when it is read.

create or replace function pg_catalog.wf_late_binding_failed(state text, message text) returns boolean
language plpgsql
as $$ begin raise exception using errcode = state, message = message; end $$;

-- definition: the columns in parentheses or '', then "as select …", in the engine's words.
create or replace procedure pg_catalog.wf_create_late_binding(relation text, definition text, replace boolean)
language plpgsql
as $$
declare
    existing regclass := pg_catalog.to_regclass(relation);
begin
    if existing is null or not replace then
        execute pg_catalog.format('create view %s as select where pg_catalog.wf_late_binding_failed(%L, %L)', relation, '42P01', 'not bound');
    end if;
    perform pg_catalog.wf_bind_late(pg_catalog.to_regclass(relation)::oid, definition);
end
$$;

create or replace function pg_catalog.wf_bind_late(relation oid, definition text) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    perform pg_internal.wf_must_own(relation);
    if (select relkind from pg_class where oid = relation) <> 'v' then
        raise exception using errcode = '42809', message = format('"%s" is not a view', (select relname from pg_class where oid = relation));
    end if;
    insert into pg_internal.wf_late_binding (relid, definition) values (relation, definition)
    on conflict (relid) do update set definition = excluded.definition;
    perform pg_internal.wf_bind(relation);
    perform pg_internal.wf_rebind(array[relation]);
end
$$;

do $$
begin
    if not exists (select from pg_cast where castsource = 'text'::regtype and casttarget = 'pg_node_tree'::regtype) then
        create cast (text as pg_node_tree) without function;
    end if;
end
$$;

-- What a view of this definition would be: its columns, its rule, what it reads; or what the engine complains of. The
-- view is made and taken back at once, so that no lock on what it reads outlives the question.
create or replace function pg_internal.wf_resolve(relation oid, definition text, out columns jsonb, out rule text, out refs oid[],
    out state text, out complaint text)
language plpgsql set search_path = pg_catalog set lock_timeout = '200ms'
as $$
declare
    scratch constant text := format('pg_internal.%I', 'wf_bind_' || relation || '_' || pg_backend_pid());
begin
    execute format('create view %s %s', scratch, definition);
    select ev_action::text into rule from pg_rewrite where ev_class = scratch::regclass;
    columns := (select jsonb_agg(to_jsonb(a) - 'attacl' - 'attoptions' - 'attfdwoptions' - 'attmissingval' order by a.attnum)
        from pg_attribute a where a.attrelid = scratch::regclass and a.attnum > 0);
    refs := array(select distinct d.refobjid from pg_rewrite r
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
        where r.ev_class = scratch::regclass and d.refobjid <> scratch::regclass);
    raise exception using errcode = 'WF001', message = 'taken back';
exception
    when sqlstate 'WF001' then
        null;
    when others then
        -- A base that another transaction is changing counts as missing for now: that transaction binds again.
        get stacked diagnostics state = returned_sqlstate, complaint = message_text;
end
$$;

-- One transaction at a time binds a view. Asking again and again keeps out of the engine's search for deadlocks, which
-- would end the statement of a user who waits for nothing of his own.
create or replace function pg_internal.wf_await_turn(relation oid) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    for attempt in 1 .. 1000 loop
        if pg_try_advisory_xact_lock(4703, relation::int) then
            return;
        end if;
        perform pg_sleep(0.01);
    end loop;
    raise exception using errcode = '40001', message = 'could not complete because of conflict with concurrent transaction';
end
$$;

-- Resolves the definition now and puts the outcome under the view. What stays as unbound as it was is not touched, so
-- that nobody waits for it.
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
    perform pg_internal.wf_await_turn(relation);
    outcome := pg_internal.wf_resolve(relation, late.definition);
    if outcome.complaint is null then
        perform pg_internal.wf_put_under(relation, coalesce(outcome.columns, '[]'), outcome.rule);
    else
        broken := pg_internal.wf_resolve(relation, format('as select %s where pg_catalog.wf_late_binding_failed(%L, %L)',
            (select string_agg(format('null::%s as %I', format_type(atttypid, atttypmod), attname), ', ' order by attnum)
                from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped),
            outcome.state, outcome.complaint));
        perform pg_internal.wf_put_under(relation, coalesce(broken.columns, '[]'), broken.rule);
    end if;
    update pg_internal.wf_late_binding set refs = coalesce(outcome.refs, '{}'), trouble = outcome.complaint where relid = relation;
end
$$;

-- Gives a view other columns and another rule; its oid, owner, rights and comments stay.
create or replace function pg_internal.wf_put_under(target oid, columns jsonb, rule text) returns void
language plpgsql set search_path = pg_catalog set allow_system_table_mods = on
as $$
begin
    delete from pg_depend d using pg_rewrite r
    where r.ev_class = target and d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refobjid <> target;
    -- One statement: between two the engine would look at a view whose columns do not fit its row.
    with gone as (
        delete from pg_attribute where attrelid = target and attnum > 0 returning 1
    ), come as (
        insert into pg_attribute (attrelid, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign,
            attstorage, attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped,
            attislocal, attinhcount, attcollation)
        select target, attname, atttypid, attlen, attnum, atttypmod, attndims, attbyval, attalign, attstorage,
            attcompression, attnotnull, atthasdef, atthasmissing, attidentity, attgenerated, attisdropped, attislocal,
            attinhcount, attcollation
        from jsonb_to_recordset(columns) a(attname name, atttypid oid, attlen smallint, attnum smallint, atttypmod integer,
            attndims smallint, attbyval boolean, attalign "char", attstorage "char", attcompression "char", attnotnull boolean,
            atthasdef boolean, atthasmissing boolean, attidentity "char", attgenerated "char", attisdropped boolean,
            attislocal boolean, attinhcount smallint, attcollation oid)
        where (select count(*) from gone) >= 0
        returning 1
    )
    update pg_class set relnatts = (select count(*) from come) where oid = target;
    update pg_rewrite set ev_action = rule::pg_node_tree where ev_class = target;
    -- A change of the rule alone is not told to the session's own memory of the view, which its transaction may read next.
    update pg_class set relhasrules = true where oid = target;
end
$$;

-- Binds anew what reads a changed or vanished relation, and what could not be bound until now. A view that changes
-- changes those that read it, so it goes on until nothing changes any more.
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
            select l.relid, l.trouble from pg_internal.wf_late_binding l
            where (l.trouble is not null or l.refs && pending) and not l.relid = any (pending)
            order by l.relid
        loop
            perform pg_internal.wf_bind(one.relid);
            if one.trouble is distinct from (select trouble from pg_internal.wf_late_binding where relid = one.relid)
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

create or replace function pg_catalog.pg_get_late_binding_view_cols()
returns table (view_schema name, view_name name, col_name name, col_type varchar, col_num integer)
language sql stable security definer set search_path = pg_catalog
as $$
    select n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum
    from pg_internal.wf_late_binding l
    join pg_class c on c.oid = l.relid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where l.trouble is null
    order by 1, 2, 5
$$;
