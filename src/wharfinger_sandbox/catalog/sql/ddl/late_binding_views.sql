-- Late-binding views (WITH NO SCHEMA BINDING). Each is a view of the engine whose dependencies on what it reads are
-- removed, so that those relations may be dropped, renamed and made again.

-- Raises the error that kept a view from being bound; a view that is not bound calls it in its WHERE.
-- Source: sandbox, internal.
create or replace function pg_catalog.wf_late_binding_failed(state text, message text)
returns boolean
language plpgsql
as $$
begin
    raise exception using errcode = state, message = message;
end
$$;

-- CREATE [OR REPLACE] VIEW … WITH NO SCHEMA BINDING. `definition` is the columns in parentheses or '', then "as
-- select …", in the engine's words. Source: redshift-facts §3.2.
create or replace procedure pg_catalog.wf_create_late_binding(
    relation text,
    definition text,
    replace boolean
)
language plpgsql
as $$
declare
    existing regclass := pg_catalog.to_regclass(relation);
begin
    if existing is null or not replace then
        execute pg_catalog.format(
            'create view %s as select where pg_catalog.wf_late_binding_failed(%L, %L)',
            relation,
            '42P01',
            'not bound'
        );
    end if;
    perform pg_catalog.wf_bind_late(pg_catalog.to_regclass(relation)::oid, definition);
end
$$;

-- Records the definition, binds the view and those that read it. Source: sandbox, internal.
create or replace function pg_catalog.wf_bind_late(relation oid, definition text) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    perform pg_internal.wf_must_own(relation);
    if (select relkind from pg_class where oid = relation) <> 'v' then
        raise exception using
            errcode = '42809',
            message = format(
                '"%s" is not a view', (select relname from pg_class where oid = relation)
            );
    end if;
    insert into pg_internal.wf_late_binding (relid, definition)
    values (relation, definition)
    on conflict (relid) do update set definition = excluded.definition;
    perform pg_internal.wf_bind(relation);
    perform pg_internal.wf_rebind(array[relation]);
end
$$;

-- Redshift's function of this name: the columns of the late-binding views that are bound.
-- Source: redshift-facts §3.2.
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
