-- Primary keys, unique keys and foreign keys. They inform and nothing enforces them (redshift-facts §5.3).

-- A constraint name that is not taken yet. Source: sandbox, internal.
create or replace function pg_internal.wf_free_constraint_name(relation oid, wanted text)
returns text
language sql stable set search_path = pg_catalog
as $$
    select candidate
    from (
        select left(wanted, 55) || case n when 0 then '' else n::text end as candidate, n
        from generate_series(0, 1000) n
    ) c
    where not exists (select from pg_constraint where conrelid = relation and conname = candidate)
    order by n
    limit 1
$$;

-- Adds a primary key, unique key or foreign key: a row of pg_constraint without an index, since nothing enforces
-- it. It is marked deferrable, so that the engine does not take it as proof of uniqueness when it groups. A primary
-- key sets its columns NOT NULL. Source: redshift-facts §5.3.
create or replace function pg_internal.wf_add_constraint(relation oid, spec jsonb, path jsonb)
returns void
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
    if kind = 'p'
        and exists (select from pg_constraint where conrelid = relation and contype = 'p')
    then
        raise exception using
            errcode = '42P16',
            message = format(
                'multiple primary keys for table "%s" are not allowed',
                (select relname from pg_class where oid = relation)
            );
    end if;
    if kind = 'f' then
        target := pg_internal.wf_known_relation(spec ->> 'relation', path);
        target_columns := pg_internal.wf_referenced_columns(target, spec -> 'references');
        if cardinality(target_columns) <> cardinality(columns) then
            raise exception using
                errcode = '42830',
                message = 'number of referencing and referenced columns for foreign key disagree';
        end if;
    end if;
    name := coalesce(
        spec ->> 'name',
        pg_internal.wf_free_constraint_name(
            relation,
            concat_ws(
                '_',
                (select relname from pg_class where oid = relation),
                case when kind <> 'p' then spec -> 'columns' ->> 0 end,
                case kind when 'p' then 'pkey' when 'u' then 'key' else 'fkey' end
            )
        )
    );
    if exists (select from pg_constraint where conrelid = relation and conname = name) then
        raise exception using
            errcode = '42710',
            message = format(
                'constraint "%s" for relation "%s" already exists',
                name,
                (select relname from pg_class where oid = relation)
            );
    end if;
    insert into pg_constraint (
        oid, conname, connamespace, contype, condeferrable, condeferred, conenforced, convalidated,
        conrelid, contypid, conindid, conparentid, confrelid, confupdtype, confdeltype,
        confmatchtype, conislocal, coninhcount, connoinherit, conperiod, conkey, confkey, conpfeqop,
        conppeqop, conffeqop
    )
    select
        new_oid,
        name,
        c.relnamespace,
        kind,
        kind <> 'f',
        false,
        kind <> 'f',
        kind <> 'f',
        relation,
        0,
        0,
        0,
        coalesce(target, 0),
        case kind when 'f' then 'a' else ' ' end,
        case kind when 'f' then 'a' else ' ' end,
        case kind when 'f' then 's' else ' ' end,
        true,
        0,
        true,
        false,
        columns,
        target_columns,
        ops,
        ops,
        ops
    from pg_class c
    left join (
        select array_agg('=(int4,int4)'::regoperator::oid) as ops
        from unnest(target_columns)
    ) o on kind = 'f'
    where c.oid = relation;
    insert into pg_depend (classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype)
    select
        'pg_constraint'::regclass,
        new_oid,
        0,
        'pg_class'::regclass,
        relation,
        number,
        'a'
    from unnest(columns) number
    union all
    select
        'pg_constraint'::regclass,
        new_oid,
        0,
        'pg_class'::regclass,
        target,
        number,
        'n'
    from unnest(target_columns) number;
    if kind = 'p' then
        for column_name in
            select attname
            from pg_attribute
            where attrelid = relation and attnum = any (columns) and not attnotnull
        loop
            execute format(
                'alter table %s alter column %I set not null', relation::regclass, column_name
            );
        end loop;
    end if;
end
$$;

-- The relation of that name in the caller's search path, which `path` lists: the path of this function is another.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_known_relation(name text, path jsonb) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid;
    parts text[] := parse_ident(name);
begin
    select c.oid
    into found_oid
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where c.relname = parts[cardinality(parts)]
        and case
            when cardinality(parts) > 1 then n.nspname = parts[cardinality(parts) - 1]
            else path ? n.nspname
        end
    order by (
        select t.place
        from jsonb_array_elements_text(path) with ordinality t(schema, place)
        where t.schema = n.nspname
    )
    limit 1;
    if found_oid is null then
        raise exception using
            errcode = '42P01',
            message = format('relation "%s" does not exist', array_to_string(parts, '.'));
    end if;
    return found_oid;
end
$$;

-- The columns a foreign key refers to: those named, which must be a key, or the primary key. Source: unverified.
create or replace function pg_internal.wf_referenced_columns(target oid, names jsonb)
returns smallint[]
language plpgsql stable set search_path = pg_catalog
as $$
declare
    columns smallint[];
begin
    if names is null or names = 'null' then
        select conkey
        into columns
        from pg_constraint
        where conrelid = target and contype = 'p';
    else
        columns := pg_internal.wf_attnums(target, names);
        if not exists (
            select
            from pg_constraint
            where conrelid = target
                and contype in ('p', 'u')
                and conkey @> columns
                and conkey <@ columns
        ) then
            columns := null;
        end if;
    end if;
    if columns is null then
        raise exception using
            errcode = '42830',
            message = format(
                case
                    when names is null or names = 'null'
                        then 'there is no primary key for referenced table "%s"'
                    else 'there is no unique constraint matching given keys for referenced table '
                    '"%s"'
                end,
                (select relname from pg_class where oid = target)
            );
    end if;
    return columns;
end
$$;
