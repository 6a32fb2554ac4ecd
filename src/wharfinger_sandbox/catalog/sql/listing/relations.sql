-- The relations and columns of this database, with what Redshift knows of them. The system views are built on
-- these. Nothing here reads a user's table.

-- The relations of this database with their owner, kind, comment and recorded attributes. `visible`: the user owns
-- it, or may use its schema and has some right on it. `shown`: the narrower rule of SHOW.
-- Source: redshift-facts §5.1, §5.2.
create or replace view pg_internal.wf_relations as
with me as materialized (
    select pg_has_role(current_user, 'wf_superuser', 'member') as superuser
)
select
    c.oid as relid,
    n.oid as nspoid,
    n.nspname,
    c.relname,
    c.relkind,
    c.relowner,
    c.relacl,
    c.reltuples,
    case
        when c.relkind = 'm' then 'materialized_view'
        when c.relkind = 'f' then 'external'
        when l.relid is not null then 'late_binding_view'
        when c.relkind = 'v' then 'view'
        else 'table'
    end as kind,
    o.rolname as owner_name,
    l.trouble,
    d.description,
    r.created,
    r.altered,
    r.diststyle,
    r.distkey,
    r.sortstyle,
    r.sortkeys,
    r.backup,
    r.auto_refresh,
    pg_internal.wf_is_system_schema(n.nspname) as system,
    me.superuser
        or pg_has_role(c.relowner, 'usage')
        or has_schema_privilege(n.oid, 'usage')
            and (
                wf_engine_has_table_privilege(
                    c.oid, 'select, insert, update, delete, references, truncate, maintain, trigger'
                )
                or has_any_column_privilege(c.oid, 'select, update')
            ) as visible,
    me.superuser
        or pg_has_role(c.relowner, 'usage')
        or has_schema_privilege(n.oid, 'usage')
            and has_any_column_privilege(c.oid, 'select') as shown
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_roles o on o.oid = c.relowner
cross join me
left join pg_internal.wf_late_binding l on l.relid = c.oid
left join pg_internal.wf_relation r on r.relid = c.oid
left join pg_description d
    on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
where c.relkind in ('r', 'v', 'm', 'f')
    and n.nspname not in ('pg_internal', 'pg_toast')
    -- A session sees its own temporary tables, as in information_schema.
    and (n.nspname not like 'pg\_temp\_%' or n.oid = pg_my_temp_schema())
    and n.nspname not like 'pg\_toast\_temp\_%'
    and not (n.nspname = 'pg_catalog' and c.relname like 'wf\_%');

-- The default of an identity column as Redshift shows it: `"identity"(table, column number, 'seed,step'::text)`.
-- Source: unverified.
create or replace function pg_internal.wf_identity(relation oid, column_name name, how "char")
returns text
language sql stable
as $$
    select format(
        case how
            when 'd' then 'default_identity(%s, %s, ''%s,%s''::text)'
            else '"identity"(%s, %s, ''%s,%s''::text)'
        end,
        relation,
        (select attnum - 1 from pg_attribute where attrelid = relation and attname = column_name),
        s.seqstart,
        s.seqincrement
    )
    from pg_sequence s
    where s.seqrelid = to_regclass(pg_get_serial_sequence(relation::regclass::text, column_name))
$$;

-- The columns of wf_relations. A late-binding view that could not be bound has none. Source: sandbox, internal.
create or replace view pg_internal.wf_columns as
select
    r.relid,
    r.nspname,
    r.relname,
    r.kind,
    r.relkind,
    r.system,
    r.visible,
    r.shown,
    a.attnum,
    a.attname,
    a.atttypid,
    a.atttypmod,
    a.attnotnull,
    a.attacl,
    d.description,
    case a.attidentity
        when '' then pg_get_expr(def.adbin, def.adrelid)
        else pg_internal.wf_identity(r.relid, a.attname, a.attidentity)
    end as column_default,
    format_type(a.atttypid, a.atttypmod) as type,
    format_type(a.atttypid, null) as type_name,
    information_schema._pg_char_max_length(t.base, a.atttypmod) as length,
    information_schema._pg_numeric_precision(t.base, a.atttypmod) as numeric_precision,
    information_schema._pg_numeric_precision_radix(t.base, a.atttypmod) as radix,
    information_schema._pg_numeric_scale(t.base, a.atttypmod) as numeric_scale,
    information_schema._pg_datetime_precision(t.base, a.atttypmod) as datetime_precision,
    case
        when r.kind in ('table', 'materialized_view')
            then pg_internal.wf_encoding(n.encoding, t.base, r.sortkeys, a.attnum)
    end as encoding,
    coalesce(r.distkey = a.attnum, false) as distkey,
    pg_internal.wf_sort_position(r.sortstyle, r.sortkeys, a.attnum) as sortkey,
    r.sortstyle
from pg_internal.wf_relations r
join pg_attribute a on a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped
join lateral (
    select coalesce(nullif(p.typbasetype, 0), p.oid) as base
    from pg_type p
    where p.oid = a.atttypid
) t on true
left join pg_attrdef def
    on def.adrelid = a.attrelid and def.adnum = a.attnum and a.attgenerated = ''
left join pg_description d
    on d.objoid = r.relid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
left join pg_internal.wf_column n on n.relid = r.relid and n.attnum = a.attnum
where r.trouble is null;
