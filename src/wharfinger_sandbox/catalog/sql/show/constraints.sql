-- SHOW CONSTRAINTS.

-- The rows of SHOW CONSTRAINTS PRIMARY KEYS in this database. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_shown_primary_keys as
select
    current_database()::varchar(128) as database_name,
    n.nspname::varchar(128) as schema_name,
    c.relname::varchar(128) as table_name,
    a.attname::varchar(128) as column_name,
    key.n::int as key_seq,
    k.conname::varchar(128) as pk_name
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
cross join lateral unnest(k.conkey) with ordinality key(num, n)
join pg_attribute a on a.attrelid = c.oid and a.attnum = key.num
where k.contype = 'p' and pg_internal.wf_may_show(c.oid);

-- The rows of SHOW CONSTRAINTS FOREIGN KEYS in this database. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_shown_foreign_keys as
select
    current_database()::varchar(128) as pk_database_name,
    pn.nspname::varchar(128) as pk_schema_name,
    p.relname::varchar(128) as pk_table_name,
    pa.attname::varchar(128) as pk_column_name,
    current_database()::varchar(128) as fk_database_name,
    n.nspname::varchar(128) as fk_schema_name,
    c.relname::varchar(128) as fk_table_name,
    a.attname::varchar(128) as fk_column_name,
    key.n::int as key_seq,
    3 as update_rule,
    3 as delete_rule,
    k.conname::varchar(128) as fk_name,
    (
        select pk.conname
        from pg_constraint pk
        where pk.conrelid = p.oid and pk.contype in ('p', 'u') and pk.conkey @> k.confkey
        order by pk.contype
        limit 1
    )::varchar(128) as pk_name,
    7 as deferrability
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = k.confrelid
join pg_namespace pn on pn.oid = p.relnamespace
cross join lateral unnest(k.conkey, k.confkey) with ordinality key(num, target, n)
join pg_attribute a on a.attrelid = c.oid and a.attnum = key.num
join pg_attribute pa on pa.attrelid = p.oid and pa.attnum = key.target
where k.contype = 'f' and pg_internal.wf_may_show(c.oid);

grant select on pg_catalog.wf_shown_primary_keys, pg_catalog.wf_shown_foreign_keys to public;

-- SHOW CONSTRAINTS PRIMARY KEYS FROM TABLE. Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_primary_keys(
    database text,
    schema text,
    relation text,
    row_limit text
) returns setof pg_catalog.wf_shown_primary_keys
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query
        select *
        from json_populate_recordset(
            null::pg_catalog.wf_shown_primary_keys,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_primary_keys t '
                    'where %s '
                    'order by key_seq '
                    'limit %s) t',
                    pg_internal.wf_same_table(schema, relation),
                    coalesce(nullif(row_limit, ''), '10000')
                )
            )
        );
end
$$;

-- SHOW CONSTRAINTS FOREIGN KEYS [EXPORTED] FROM TABLE; `exported`: the keys of other tables that refer to this one.
-- Source: redshift-facts §5.2.
create or replace function pg_catalog.wf_show_foreign_keys(
    database text,
    schema text,
    relation text,
    exported text,
    row_limit text
) returns setof pg_catalog.wf_shown_foreign_keys
language plpgsql volatile
as $$
begin
    perform pg_internal.wf_check_place(database, schema, relation);
    return query
        select *
        from json_populate_recordset(
            null::pg_catalog.wf_shown_foreign_keys,
            pg_internal.wf_query_at(
                database,
                format(
                    'select json_agg(t) from ('
                    'select * from pg_catalog.wf_shown_foreign_keys t '
                    'where %s '
                    'order by fk_schema_name, fk_table_name, fk_name, key_seq '
                    'limit %s) t',
                    replace(
                        replace(
                            pg_internal.wf_same_table(schema, relation),
                            't.table_name',
                            case exported
                                when 'true' then 't.pk_table_name'
                                else 't.fk_table_name'
                            end
                        ),
                        't.schema_name',
                        case exported
                            when 'true' then 't.pk_schema_name'
                            else 't.fk_schema_name'
                        end
                    ),
                    coalesce(nullif(row_limit, ''), '10000')
                )
            )
        );
end
$$;
