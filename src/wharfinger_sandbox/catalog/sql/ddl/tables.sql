-- DDL with attributes that the engine does not know: the statement runs as its user, then the attributes are
-- recorded.

-- Refuses a caller who does not own the relation. The text is that of PostgreSQL 8.0. Source: unverified.
create or replace function pg_internal.wf_must_own(relation oid) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_has_role(
        pg_internal.wf_caller(), (select relowner from pg_class where oid = relation), 'usage'
    ) then
        raise exception using
            errcode = '42501',
            message = format(
                'must be owner of relation %s', (select relname from pg_class where oid = relation)
            );
    end if;
end
$$;

-- CREATE TABLE and other DDL with Redshift's attributes: runs `ddl`, then records `attributes` (see wf_record).
-- `relation` is the name as SQL text, resolved by the caller's search_path. Source: redshift-facts §3.2.
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
        perform pg_catalog.wf_record(
            pg_catalog.to_regclass(relation)::oid,
            attributes || pg_catalog.jsonb_build_object('path', pg_catalog.current_schemas(true))
        );
    end if;
end
$$;

-- The number of a column, or the error for a column that does not exist. Source: sandbox, internal.
create or replace function pg_internal.wf_attnum(relation oid, name text) returns smallint
language plpgsql stable set search_path = pg_catalog
as $$
declare
    number smallint;
begin
    select attnum
    into number
    from pg_attribute
    where attrelid = relation and attname = name and attnum > 0 and not attisdropped;
    if number is null then
        raise exception using
            errcode = '42703',
            message = format('column "%s" does not exist', name);
    end if;
    return number;
end
$$;

-- The numbers of several columns, in the order of their names. Source: sandbox, internal.
create or replace function pg_internal.wf_attnums(relation oid, names jsonb) returns smallint[]
language sql stable set search_path = pg_catalog
as $$
    select array(
        select pg_internal.wf_attnum(relation, name)
        from jsonb_array_elements_text(names) with ordinality t(name, n)
        order by n
    )
$$;

-- Records DISTSTYLE, DISTKEY, SORTKEY, ENCODE, BACKUP, AUTO REFRESH and constraints of a relation. `attributes` has
-- diststyle, distkey, sortstyle, sortkeys, backup, auto_refresh, materialized, encodings {column: encoding} and
-- constraints [{type, name, columns, relation, references}]. Source: redshift-facts §3.2.
create or replace function pg_catalog.wf_record(relation oid, attributes jsonb) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    one record;
    constraint_spec jsonb;
begin
    perform pg_internal.wf_must_own(relation);
    insert into pg_internal.wf_relation (relid) values (relation) on conflict do nothing;
    update pg_internal.wf_relation
    set
        diststyle = coalesce(attributes ->> 'diststyle', diststyle),
        distkey = case
            when attributes ? 'distkey'
                then pg_internal.wf_attnum(relation, attributes ->> 'distkey')
            when attributes ? 'diststyle' then null
            else distkey
        end,
        sortstyle = coalesce(attributes ->> 'sortstyle', sortstyle),
        sortkeys = case
            when attributes ? 'sortkeys'
                then pg_internal.wf_attnums(relation, attributes -> 'sortkeys')
            else sortkeys
        end,
        backup = coalesce((attributes ->> 'backup')::boolean, backup),
        auto_refresh = coalesce((attributes ->> 'auto_refresh')::boolean, auto_refresh)
    where relid = relation;
    for one in
        select key, value
        from jsonb_each_text(coalesce(attributes -> 'encodings', '{}'))
    loop
        insert into pg_internal.wf_column (relid, attnum, encoding)
        values (relation, pg_internal.wf_attnum(relation, one.key), one.value)
        on conflict (relid, attnum) do update set encoding = excluded.encoding;
    end loop;
    for constraint_spec in
        select jsonb_array_elements(coalesce(attributes -> 'constraints', '[]'))
    loop
        perform pg_internal.wf_add_constraint(relation, constraint_spec, attributes -> 'path');
    end loop;
    if attributes ? 'materialized' then
        insert into pg_internal.wf_materialized (relid, changes)
        values (relation, pg_internal.wf_base_changes(relation))
        on conflict (relid) do update set refreshed = clock_timestamp(), changes = excluded.changes;
    end if;
end
$$;

-- ALTER TABLE of the attributes that wf_record keeps. Source: sandbox, internal.
create or replace procedure pg_catalog.wf_note_table(relation text, attributes jsonb)
language plpgsql
as $$
begin
    perform pg_catalog.wf_record(
        relation::pg_catalog.regclass::oid,
        attributes || pg_catalog.jsonb_build_object('path', pg_catalog.current_schemas(true))
    );
end
$$;

-- ALTER COLUMN … TYPE. A column of a key is refused, as the key's row in pg_constraint would fail in the engine
-- (redshift-facts §5.3). The text is unverified. Source: sandbox, internal.
create or replace procedure pg_catalog.wf_alter_type(ddl text, relation text, column_name text)
language plpgsql
as $$
declare
    number smallint := (
        select attnum
        from pg_catalog.pg_attribute
        where attrelid = relation::pg_catalog.regclass and attname = column_name
    );
begin
    if exists (
        select
        from pg_catalog.pg_constraint c
        where c.conrelid = relation::pg_catalog.regclass
            and c.contype in ('p', 'u', 'f')
            and number = any (c.conkey)
    ) then
        raise exception using
            errcode = '0A000',
            message = pg_catalog.format(
                'cannot alter column "%s" because it has a UNIQUE, PRIMARY KEY, or FOREIGN KEY',
                column_name
            );
    end if;
    execute ddl;
end
$$;

-- Runs the several statements that one statement of Redshift becomes. Source: sandbox, internal.
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

-- Statements that change nothing in the sandbox, such as VACUUM SORT ONLY: the table must exist and be the
-- caller's. Source: sandbox, internal.
create or replace procedure pg_catalog.wf_owned(relation text)
language plpgsql
as $$
begin
    if relation <> '' then
        perform pg_catalog.wf_check_owned(relation::pg_catalog.regclass);
    end if;
end
$$;

-- Checks that the caller owns the relation, with the rights that the check needs. Source: sandbox, internal.
create or replace function pg_catalog.wf_check_owned(relation oid) returns void
language sql security definer set search_path = pg_catalog
as $$ select pg_internal.wf_must_own(relation) $$;

-- COMMENT ON TABLE and VIEW. Redshift calls late-binding and materialized views views; the engine has a word for
-- each. Source: redshift-facts §5.3.
create or replace procedure pg_catalog.wf_comment(kind text, relation text, comment text)
language plpgsql
as $$
declare
    relkind "char" := (
        select c.relkind
        from pg_catalog.pg_class c
        where c.oid = relation::pg_catalog.regclass
    );
begin
    execute pg_catalog.format(
        'comment on %s %s is %L',
        case relkind
            when 'v' then 'view'
            when 'm' then 'materialized view'
            when 'f' then 'foreign table'
            else kind
        end,
        relation,
        comment
    );
end
$$;
