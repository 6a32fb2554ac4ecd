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

-- Resolves the definition now and puts the outcome under the view.
create or replace function pg_internal.wf_bind(relation oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    late pg_internal.wf_late_binding;
    scratch text := format('pg_internal.%I', 'wf_bind_' || relation);
    seen oid[] := '{}';
    state text;
    complaint text;
begin
    select * into late from pg_internal.wf_late_binding where relid = relation;
    begin
        execute format('create view %s %s', scratch, late.definition);
        seen := array(select distinct d.refobjid from pg_rewrite r
            join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
            where r.ev_class = scratch::regclass and d.refobjid <> scratch::regclass);
    exception when others then
        get stacked diagnostics state = returned_sqlstate, complaint = message_text;
        execute format('create view %s as select %s where pg_catalog.wf_late_binding_failed(%L, %L)', scratch,
            (select string_agg(format('null::%s as %I', format_type(atttypid, atttypmod), attname), ', ' order by attnum)
                from pg_attribute where attrelid = relation and attnum > 0 and not attisdropped),
            state, complaint);
    end;
    perform pg_internal.wf_put_under(relation, scratch::regclass);
    execute 'drop view ' || scratch;
    update pg_internal.wf_late_binding set refs = seen, trouble = complaint where relid = relation;
end
$$;

-- Gives a view the columns and the rule of another; its oid, owner, rights and comments stay.
create or replace function pg_internal.wf_put_under(target oid, source oid) returns void
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
        from pg_attribute where attrelid = source and attnum > 0 and (select count(*) from gone) >= 0
        returning 1
    )
    update pg_class set relnatts = (select count(*) from come) where oid = target;
    update pg_rewrite t set ev_action = s.ev_action from pg_rewrite s where t.ev_class = target and s.ev_class = source;
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
