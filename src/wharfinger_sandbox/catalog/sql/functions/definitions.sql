-- The definitions of constraints as text.

-- PG_GET_CONSTRAINTDEF. Keys have no index in the sandbox, so the engine's own function cannot spell them.
-- Source: redshift-facts §5.3.
create or replace function pg_catalog.pg_get_constraintdef(constraint_oid oid) returns text
language sql stable strict
as $$
    select case
        when c.contype in ('p', 'u') and c.conindid = 0 or c.contype = 'f' and c.conindid = 0
            then case c.contype
                when 'p' then 'PRIMARY KEY ('
                when 'u' then 'UNIQUE ('
                else 'FOREIGN KEY ('
            end
                || (
                    select string_agg(quote_ident(a.attname), ', ' order by k.n)
                    from unnest(c.conkey) with ordinality k(num, n)
                    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num
                ) || ')'
                || case
                    when c.contype = 'f'
                        then ' REFERENCES ' || c.confrelid::regclass::text || '('
                            || (
                                select string_agg(quote_ident(a.attname), ', ' order by k.n)
                                from unnest(c.confkey) with ordinality k(num, n)
                                join pg_catalog.pg_attribute a
                                    on a.attrelid = c.confrelid and a.attnum = k.num
                            ) || ')'
                    else ''
                end
        else pg_catalog.wf_engine_pg_get_constraintdef(c.oid)
    end
    from pg_catalog.pg_constraint c
    where c.oid = constraint_oid
$$;

-- The same; `pretty` changes nothing. Source: sandbox, internal.
create or replace function pg_catalog.pg_get_constraintdef(constraint_oid oid, pretty boolean)
returns text
language sql stable strict
as $$ select pg_catalog.pg_get_constraintdef(constraint_oid) $$;
