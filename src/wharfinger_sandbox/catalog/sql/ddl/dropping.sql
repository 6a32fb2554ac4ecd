-- DROP TABLE, DROP VIEW and DROP MATERIALIZED VIEW.

-- DROP of relations: external tables too, and for a caller who holds the privilege DROP without owning the object.
-- Source: redshift-facts §4.2.
create or replace procedure pg_catalog.wf_drop(
    kind text,
    relations text[],
    if_exists boolean,
    cascade boolean
)
language plpgsql
as $$
declare
    relation text;
    own text[] := '{}';
    found_kind "char";
    found_owner oid;
begin
    foreach relation in array relations loop
        select c.relkind, c.relowner
        into found_kind, found_owner
        from pg_catalog.pg_class c
        where c.oid = pg_catalog.to_regclass(relation);
        if found_kind = 'f' and kind = 'table' then
            execute pg_catalog.format(
                'drop foreign table %s %s', relation, case when cascade then 'cascade' end
            );
        elsif found_owner is not null
            and not pg_catalog.pg_has_role(found_owner, 'usage')
            and pg_catalog.has_table_privilege(
                pg_catalog.to_regclass(relation)::oid, 'MAINTAIN'
            )
        then
            perform pg_catalog.wf_drop_as_owner(
                kind, pg_catalog.to_regclass(relation)::oid, cascade
            );
        else
            own := own || relation;
        end if;
    end loop;
    if own <> '{}' then
        execute pg_catalog.format(
            'drop %s %s %s %s',
            kind,
            case when if_exists then 'if exists' end,
            pg_catalog.array_to_string(own, ', '),
            case when cascade then 'cascade' end
        );
    end if;
end
$$;

-- Drops a relation for a caller who holds the privilege DROP, kept as the engine's MAINTAIN.
-- Source: redshift-facts §4.2.
create or replace function pg_catalog.wf_drop_as_owner(kind text, relation oid, cascade boolean)
returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    if not has_table_privilege(pg_internal.wf_caller(), relation, 'MAINTAIN')
        or kind not in ('table', 'view', 'materialized view')
    then
        raise exception using
            errcode = '42501',
            message = format('must be owner of relation %s', relation::regclass);
    end if;
    execute format('drop %s %s %s', kind, relation::regclass, case when cascade then 'cascade' end);
end
$$;
