-- DDL with attributes the engine does not know: the statement runs as its user, then the attributes are noted.

-- Whether the caller may change the relation; raises in Redshift's words.
create or replace function pg_internal.wf_must_own(relation oid) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_has_role(pg_internal.wf_caller(), (select relowner from pg_class where oid = relation), 'usage') then
        raise exception using errcode = '42501',
            message = format('must be owner of relation %s', (select relname from pg_class where oid = relation));
    end if;
end
$$;

-- relation: the name as SQL text, resolved by the caller's search_path.
create or replace procedure pg_catalog.wf_ddl(ddl text, relation text, attributes jsonb)
language plpgsql
as $$
begin
    if attributes ? 'if_not_exists' and pg_catalog.to_regclass(relation) is not null then
        raise notice 'relation "%" already exists, skipping', relation;
        return;
    end if;
    execute ddl;
    if pg_catalog.to_regclass(relation) is not null then
        perform pg_catalog.wf_record(pg_catalog.to_regclass(relation)::oid,
            attributes || pg_catalog.jsonb_build_object('path', pg_catalog.current_schemas(true)));
    end if;
end
$$;

create or replace function pg_internal.wf_attnum(relation oid, name text) returns smallint
language plpgsql stable set search_path = pg_catalog
as $$
declare
    number smallint;
begin
    select attnum into number from pg_attribute where attrelid = relation and attname = name and attnum > 0 and not attisdropped;
    if number is null then
        raise exception using errcode = '42703', message = format('column "%s" does not exist', name);
    end if;
    return number;
end
$$;

create or replace function pg_internal.wf_attnums(relation oid, names jsonb) returns smallint[]
language sql stable set search_path = pg_catalog
as $$ select array(select pg_internal.wf_attnum(relation, name) from jsonb_array_elements_text(names) with ordinality t(name, n) order by n) $$;

-- attributes: diststyle, distkey, sortstyle, sortkeys, backup, auto_refresh, encodings {column: encoding},
-- constraints [{type, name, columns, relation, references}].
create or replace function pg_catalog.wf_record(relation oid, attributes jsonb) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    one record;
    constraint_spec jsonb;
begin
    perform pg_internal.wf_must_own(relation);
    insert into pg_internal.wf_relation (relid) values (relation) on conflict do nothing;
    update pg_internal.wf_relation set
        diststyle = coalesce(attributes ->> 'diststyle', diststyle),
        distkey = case when attributes ? 'distkey' then pg_internal.wf_attnum(relation, attributes ->> 'distkey')
            when attributes ? 'diststyle' then null else distkey end,
        sortstyle = coalesce(attributes ->> 'sortstyle', sortstyle),
        sortkeys = case when attributes ? 'sortkeys' then pg_internal.wf_attnums(relation, attributes -> 'sortkeys') else sortkeys end,
        backup = coalesce((attributes ->> 'backup')::boolean, backup),
        auto_refresh = coalesce((attributes ->> 'auto_refresh')::boolean, auto_refresh)
    where relid = relation;
    for one in select key, value from jsonb_each_text(coalesce(attributes -> 'encodings', '{}')) loop
        insert into pg_internal.wf_column (relid, attnum, encoding)
        values (relation, pg_internal.wf_attnum(relation, one.key), one.value)
        on conflict (relid, attnum) do update set encoding = excluded.encoding;
    end loop;
    for constraint_spec in select jsonb_array_elements(coalesce(attributes -> 'constraints', '[]')) loop
        perform pg_internal.wf_add_constraint(relation, constraint_spec, attributes -> 'path');
    end loop;
    if attributes ? 'materialized' then
        insert into pg_internal.wf_materialized (relid, changes) values (relation, pg_internal.wf_base_changes(relation))
        on conflict (relid) do update set refreshed = clock_timestamp(), changes = excluded.changes;
    end if;
end
$$;

create or replace function pg_internal.wf_free_constraint_name(relation oid, wanted text) returns text
language sql stable set search_path = pg_catalog
as $$
    select candidate from (
        select left(wanted, 55) || case n when 0 then '' else n::text end as candidate, n from generate_series(0, 1000) n) c
    where not exists (select from pg_constraint where conrelid = relation and conname = candidate)
    order by n limit 1
$$;

-- Redshift's keys inform, nothing enforces them (redshift-facts §5.3): a row of pg_constraint without an index. It is
-- marked deferrable, so that the engine does not take it for a proof when it groups.
create or replace function pg_internal.wf_add_constraint(relation oid, spec jsonb, path jsonb) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    kind "char" := spec ->> 'type';
    columns smallint[] := pg_internal.wf_attnums(relation, spec -> 'columns');
    target oid;
    target_columns smallint[];
    name text;
    new_oid oid := pg_nextoid('pg_constraint', 'oid', 'pg_constraint_oid_index');
    column_name text;
begin
    if kind = 'p' and exists (select from pg_constraint where conrelid = relation and contype = 'p') then
        raise exception using errcode = '42P16', message = format('multiple primary keys for table "%s" are not allowed',
            (select relname from pg_class where oid = relation));
    end if;
    if kind = 'f' then
        target := pg_internal.wf_known_relation(spec ->> 'relation', path);
        target_columns := pg_internal.wf_referenced_columns(target, spec -> 'references');
        if cardinality(target_columns) <> cardinality(columns) then
            raise exception using errcode = '42830', message = 'number of referencing and referenced columns for foreign key disagree';
        end if;
    end if;
    name := coalesce(spec ->> 'name', pg_internal.wf_free_constraint_name(relation, concat_ws('_',
        (select relname from pg_class where oid = relation),
        case when kind <> 'p' then spec -> 'columns' ->> 0 end,
        case kind when 'p' then 'pkey' when 'u' then 'key' else 'fkey' end)));
    if exists (select from pg_constraint where conrelid = relation and conname = name) then
        raise exception using errcode = '42710', message = format('constraint "%s" for relation "%s" already exists', name,
            (select relname from pg_class where oid = relation));
    end if;
    insert into pg_constraint (oid, conname, connamespace, contype, condeferrable, condeferred, conenforced, convalidated,
        conrelid, contypid, conindid, conparentid, confrelid, confupdtype, confdeltype, confmatchtype, conislocal, coninhcount,
        connoinherit, conperiod, conkey, confkey, conpfeqop, conppeqop, conffeqop)
    select new_oid, name, c.relnamespace, kind, kind <> 'f', false, kind <> 'f', kind <> 'f', relation, 0, 0, 0,
        coalesce(target, 0), case kind when 'f' then 'a' else ' ' end, case kind when 'f' then 'a' else ' ' end,
        case kind when 'f' then 's' else ' ' end, true, 0, true, false, columns, target_columns, ops, ops, ops
    from pg_class c
        left join (select array_agg('=(int4,int4)'::regoperator::oid) as ops from unnest(target_columns)) o on kind = 'f'
    where c.oid = relation;
    insert into pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    select 'pg_constraint'::regclass, new_oid, 0, 'pg_class'::regclass, relation, number, 'a' from unnest(columns) number
    union all
    select 'pg_constraint'::regclass, new_oid, 0, 'pg_class'::regclass, target, number, 'n' from unnest(target_columns) number;
    if kind = 'p' then
        for column_name in
            select attname from pg_attribute where attrelid = relation and attnum = any (columns) and not attnotnull
        loop
            execute format('alter table %s alter column %I set not null', relation::regclass, column_name);
        end loop;
    end if;
end
$$;

-- path: the caller's search path, since ours is not.
create or replace function pg_internal.wf_known_relation(name text, path jsonb) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid;
    parts text[] := parse_ident(name);
begin
    select c.oid into found_oid
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relname = parts[cardinality(parts)]
        and case when cardinality(parts) > 1 then n.nspname = parts[cardinality(parts) - 1] else path ? n.nspname end
    order by (select t.place from jsonb_array_elements_text(path) with ordinality t(schema, place) where t.schema = n.nspname)
    limit 1;
    if found_oid is null then
        raise exception using errcode = '42P01', message = format('relation "%s" does not exist', array_to_string(parts, '.'));
    end if;
    return found_oid;
end
$$;

-- The columns a foreign key points at: those named, which must be a key, or the primary key.
create or replace function pg_internal.wf_referenced_columns(target oid, names jsonb) returns smallint[]
language plpgsql stable set search_path = pg_catalog
as $$
declare
    columns smallint[];
begin
    if names is null or names = 'null' then
        select conkey into columns from pg_constraint where conrelid = target and contype = 'p';
    else
        columns := pg_internal.wf_attnums(target, names);
        if not exists (select from pg_constraint where conrelid = target and contype in ('p', 'u')
            and conkey @> columns and conkey <@ columns)
        then
            columns := null;
        end if;
    end if;
    if columns is null then
        raise exception using errcode = '42830', message = format(case when names is null or names = 'null'
            then 'there is no primary key for referenced table "%s"'
            else 'there is no unique constraint matching given keys for referenced table "%s"' end,
            (select relname from pg_class where oid = target));
    end if;
    return columns;
end
$$;

-- ALTER TABLE … OWNER TO: the engine asks more of a new owner than Redshift does of a superuser's wish.
create or replace procedure pg_catalog.wf_change_owner(kind text, object text, owner text)
language plpgsql
as $$
begin
    if kind in ('schema', 'database') then
        perform pg_catalog.wf_change_owner_of(kind, object, owner);
    elsif kind in ('function', 'procedure') then
        perform pg_catalog.wf_change_owner_of(kind, (object::pg_catalog.regprocedure::pg_catalog.oid)::text, owner);
    else
        perform pg_catalog.wf_change_owner_of(case (select relkind from pg_catalog.pg_class where oid = object::pg_catalog.regclass)
            when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end,
            (object::pg_catalog.regclass::pg_catalog.oid)::text, owner);
    end if;
end
$$;

-- object: the quoted name of a schema or database, the number of a relation or routine.
create or replace function pg_catalog.wf_change_owner_of(kind text, object text, owner text) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using errcode = '42501', message = format('must be superuser to change the owner of a %s', kind);
    end if;
    if kind not in ('table', 'view', 'materialized view', 'foreign table', 'schema', 'database', 'function', 'procedure') then
        raise exception using errcode = '0A000', message = 'unknown kind of object';
    end if;
    perform pg_internal.wf_known_user(owner);
    execute format('alter %s %s owner to %I', kind,
        case when kind in ('schema', 'database') then quote_ident((parse_ident(object))[1])
            when kind in ('function', 'procedure') then object::oid::regprocedure::text
            else object::oid::regclass::text end, owner);
end
$$;

-- DROP, also of external tables, and by somebody who holds the DROP privilege without owning the object (kept as the
-- engine's MAINTAIN).
create or replace procedure pg_catalog.wf_drop(kind text, relations text[], if_exists boolean, cascade boolean)
language plpgsql
as $$
declare
    relation text;
    own text[] := '{}';
    found_kind "char";
    found_owner oid;
begin
    foreach relation in array relations loop
        select c.relkind, c.relowner into found_kind, found_owner
        from pg_catalog.pg_class c where c.oid = pg_catalog.to_regclass(relation);
        if found_kind = 'f' and kind = 'table' then
            execute pg_catalog.format('drop foreign table %s %s', relation, case when cascade then 'cascade' end);
        elsif found_owner is not null and not pg_catalog.pg_has_role(found_owner, 'usage')
            and pg_catalog.has_table_privilege(pg_catalog.to_regclass(relation)::oid, 'MAINTAIN')
        then
            perform pg_catalog.wf_drop_as_owner(kind, pg_catalog.to_regclass(relation)::oid, cascade);
        else
            own := own || relation;
        end if;
    end loop;
    if own <> '{}' then
        execute pg_catalog.format('drop %s %s %s %s', kind, case when if_exists then 'if exists' end,
            pg_catalog.array_to_string(own, ', '), case when cascade then 'cascade' end);
    end if;
end
$$;

create or replace function pg_catalog.wf_drop_as_owner(kind text, relation oid, cascade boolean) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    if not has_table_privilege(pg_internal.wf_caller(), relation, 'MAINTAIN') or kind not in ('table', 'view', 'materialized view') then
        raise exception using errcode = '42501', message = format('must be owner of relation %s', relation::regclass);
    end if;
    execute format('drop %s %s %s', kind, relation::regclass, case when cascade then 'cascade' end);
end
$$;

-- The sum of the counters of the tables a materialized view reads.
create or replace function pg_internal.wf_base_changes(relation oid) returns numeric
language sql stable set search_path = pg_catalog
as $$
    select coalesce(sum(pg_internal.wf_counter(base)), 0) from (
        select distinct d.refobjid as base from pg_rewrite r
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
        join pg_class c on c.oid = d.refobjid and c.relkind = 'r'
        where r.ev_class = relation) bases
$$;

create or replace procedure pg_catalog.wf_refresh(relation text)
language plpgsql
as $$
begin
    execute 'refresh materialized view ' || relation;
    perform pg_catalog.wf_record(pg_catalog.to_regclass(relation)::oid, '{"materialized": true}');
end
$$;

create or replace procedure pg_catalog.wf_run(statements text[])
language plpgsql
as $$
declare
    statement text;
begin
    foreach statement in array statements loop
        execute statement;
    end loop;
end
$$;

-- For statements that have nothing to do here: the table must exist and be the user's.
create or replace procedure pg_catalog.wf_owned(relation text)
language plpgsql
as $$
begin
    if relation <> '' then
        perform pg_catalog.wf_check_owned(relation::pg_catalog.regclass);
    end if;
end
$$;

create or replace function pg_catalog.wf_check_owned(relation oid) returns void
language sql security definer set search_path = pg_catalog
as $$ select pg_internal.wf_must_own(relation) $$;

create or replace procedure pg_catalog.wf_note_table(relation text, attributes jsonb)
language plpgsql
as $$
begin
    perform pg_catalog.wf_record(relation::pg_catalog.regclass::oid,
        attributes || pg_catalog.jsonb_build_object('path', pg_catalog.current_schemas(true)));
end
$$;

-- Redshift calls late-binding and materialized views views; the engine tells them apart.
create or replace procedure pg_catalog.wf_comment(kind text, relation text, comment text)
language plpgsql
as $$
declare
    relkind "char" := (select c.relkind from pg_catalog.pg_class c where c.oid = relation::pg_catalog.regclass);
begin
    execute pg_catalog.format('comment on %s %s is %L', case relkind when 'v' then 'view' when 'm' then 'materialized view'
        when 'f' then 'foreign table' else kind end, relation, comment);
end
$$;

-- A column of a key has a row that the engine would try to spell while it changes a type (redshift-facts §5.3).
create or replace procedure pg_catalog.wf_alter_type(ddl text, relation text, column_name text)
language plpgsql
as $$
declare
    number smallint := (select attnum from pg_catalog.pg_attribute
        where attrelid = relation::pg_catalog.regclass and attname = column_name);
begin
    if exists (select from pg_catalog.pg_constraint c where c.conrelid = relation::pg_catalog.regclass
        and c.contype in ('p', 'u', 'f') and number = any (c.conkey))
    then
        raise exception using errcode = '0A000',
            message = pg_catalog.format('cannot alter column "%s" because it has a UNIQUE, PRIMARY KEY, or FOREIGN KEY', column_name);
    end if;
    execute ddl;
end
$$;

do $$
begin
    if not exists (select from pg_foreign_server where srvname = 'wf_external') then
        create foreign data wrapper wf_external no handler;
        create server wf_external foreign data wrapper wf_external;
        grant usage on foreign server wf_external to public;
    end if;
end
$$;

create or replace procedure pg_catalog.wf_create_external_schema(request jsonb)
language plpgsql
as $$
begin
    if pg_catalog.to_regnamespace(pg_catalog.quote_ident(request ->> 'name')) is not null
        and coalesce((request ->> 'if_not_exists')::boolean, false)
    then
        return;
    end if;
    execute pg_catalog.format('create schema %I', request ->> 'name');
    perform pg_catalog.wf_note_external_schema(request);
end
$$;

create or replace function pg_catalog.wf_note_external_schema(request jsonb) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    schema oid := to_regnamespace(quote_ident(request ->> 'name'));
begin
    if not pg_has_role(pg_internal.wf_caller(), (select nspowner from pg_namespace where oid = schema), 'usage') then
        raise exception using errcode = '42501', message = format('must be owner of schema %s', request ->> 'name');
    end if;
    insert into pg_internal.wf_external_schema (nspoid, kind, database, options)
    values (schema, (request ->> 'kind')::int, request ->> 'database', request -> 'options')
    on conflict (nspoid) do nothing;
end
$$;
