-- What every system view is built on: the relations and columns of this database with what Redshift knows of them, and
-- the way to ask another database. Nothing here reads a user's table.

create or replace function pg_internal.wf_encoding(noted text, type oid, sortkeys smallint[], number smallint) returns text
language sql immutable parallel safe
as $$
    select case
        when noted is not null then noted
        when number = any (sortkeys) then 'none'
        when type in (21, 23, 20, 1700, 1082, 1114, 1184, 1083, 1266) then 'az64'
        when type in (16, 700, 701) then 'none'
        else 'lzo' end
$$;

create or replace function pg_internal.wf_encoding_number(encoding text) returns integer
language sql immutable parallel safe
as $$
    select coalesce(array_position(array['none', 'bytedict', 'delta', 'lzo', 'runlength', 'mostly8', 'mostly16', 'mostly32',
        'text255', 'text32k', 'delta32k', 'zstd', 'az64'], encoding) - 1, 0)
$$;

create or replace function pg_catalog.format_encoding(number integer) returns text
language sql immutable parallel safe
as $$
    select (array['none', 'bytedict', 'delta', 'lzo', 'runlength', 'mostly8', 'mostly16', 'mostly32',
        'text255', 'text32k', 'delta32k', 'zstd', 'az64'])[number + 1]
$$;

-- 0 is no sort key column; an interleaved key alternates its sign (redshift-facts §5.2).
create or replace function pg_internal.wf_sort_position(style text, sortkeys smallint[], number smallint) returns integer
language sql immutable parallel safe
as $$
    select coalesce(array_position(sortkeys, number), 0)
        * case when style = 'interleaved' and array_position(sortkeys, number) % 2 = 0 then -1 else 1 end
$$;

create or replace function pg_internal.wf_diststyle_number(relkind "char", diststyle text) returns smallint
language sql immutable parallel safe
as $$
    select case when relkind not in ('r', 'm') then 0
        else case diststyle when 'even' then 0 when 'key' then 1 when 'all' then 8 else 10 end end::smallint
$$;

-- An access list in Redshift's spelling: `name=rights/grantor`, entries parted by `~`, groups and roles named as such.
-- Hidden roles of scoped permissions are left out; those show elsewhere.
create or replace function pg_internal.wf_acl_text(acl aclitem[]) returns varchar
language sql stable
as $$
    select string_agg(
        case left(x.grantee, 2) when 'g/' then 'group ' || substr(x.grantee, 3) when 'r/' then 'role ' || substr(x.grantee, 3) else x.grantee end
        || '=' || x.rights || '/' || x.grantor, '~' order by x.n)
    from (
        select coalesce(g.rolname, '')::text as grantee, o.rolname::text as grantor, min(e.n) as n,
            string_agg(case e.privilege_type when 'INSERT' then 'a' when 'SELECT' then 'r' when 'UPDATE' then 'w' when 'DELETE' then 'd'
                when 'TRUNCATE' then 't' when 'REFERENCES' then 'x' when 'MAINTAIN' then 'D' when 'TRIGGER' then 'A' when 'EXECUTE' then 'X'
                when 'USAGE' then 'U' when 'CREATE' then 'C' when 'TEMPORARY' then 'T' else '' end
                || case when e.is_grantable then '*' else '' end, '' order by e.n) as rights
        from aclexplode(acl) with ordinality e(grantor, grantee, privilege_type, is_grantable, n)
        left join pg_roles g on g.oid = e.grantee
        left join pg_roles o on o.oid = e.grantor
        where e.privilege_type <> 'CONNECT' and coalesce(left(g.rolname, 2) <> 's/' and g.rolname <> 'wf_superuser', true)
        group by g.rolname, o.rolname) x
$$;

create or replace view pg_internal.wf_relations as
with me as materialized (select pg_has_role(current_user, 'wf_superuser', 'member') as superuser)
select c.oid as relid, n.oid as nspoid, n.nspname, c.relname, c.relkind, c.relowner, c.relacl, c.reltuples,
    case when c.relkind = 'm' then 'materialized_view' when c.relkind = 'f' then 'external' when l.relid is not null then 'late_binding_view'
        when c.relkind = 'v' then 'view' else 'table' end as kind,
    o.rolname as owner_name, l.trouble, d.description, r.created, r.altered, r.diststyle, r.distkey, r.sortstyle, r.sortkeys, r.backup, r.auto_refresh,
    pg_internal.wf_is_system_schema(n.nspname) as system,
    me.superuser or pg_has_role(c.relowner, 'usage') or has_schema_privilege(n.oid, 'usage') and (
        wf_engine_has_table_privilege(c.oid, 'select, insert, update, delete, references, truncate, maintain, trigger')
        or has_any_column_privilege(c.oid, 'select, update')) as visible,
    me.superuser or pg_has_role(c.relowner, 'usage')
        or has_schema_privilege(n.oid, 'usage') and has_any_column_privilege(c.oid, 'select') as shown
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
left join pg_roles o on o.oid = c.relowner
cross join me
left join pg_internal.wf_late_binding l on l.relid = c.oid
left join pg_internal.wf_relation r on r.relid = c.oid
left join pg_description d on d.objoid = c.oid and d.classoid = 'pg_class'::regclass and d.objsubid = 0
where c.relkind in ('r', 'v', 'm', 'f') and n.nspname not in ('pg_internal', 'pg_toast')
    -- A session's own temporary tables are there for it, as they are in information_schema.
    and (n.nspname not like 'pg\_temp\_%' or n.oid = pg_my_temp_schema()) and n.nspname not like 'pg\_toast\_temp\_%' and not (n.nspname = 'pg_catalog' and c.relname like 'wf\_%');

-- Redshift shows an identity column by its default, `"identity"(table, column number, 'seed,step'::text)`.
create or replace function pg_internal.wf_identity(relation oid, column_name name, how "char") returns text
language sql stable
as $$
    select format(case how when 'd' then 'default_identity(%s, %s, ''%s,%s''::text)' else '"identity"(%s, %s, ''%s,%s''::text)' end,
        relation, (select attnum - 1 from pg_attribute where attrelid = relation and attname = column_name), s.seqstart, s.seqincrement)
    from pg_sequence s
    where s.seqrelid = to_regclass(pg_get_serial_sequence(relation::regclass::text, column_name))
$$;

-- A late-binding view that could not be bound has no columns.
create or replace view pg_internal.wf_columns as
select r.relid, r.nspname, r.relname, r.kind, r.relkind, r.system, r.visible, r.shown, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull,
    a.attacl, d.description,
    case a.attidentity when '' then pg_get_expr(def.adbin, def.adrelid) else pg_internal.wf_identity(r.relid, a.attname, a.attidentity) end
        as column_default,
    format_type(a.atttypid, a.atttypmod) as type,
    format_type(a.atttypid, null) as type_name,
    information_schema._pg_char_max_length(t.base, a.atttypmod) as length,
    information_schema._pg_numeric_precision(t.base, a.atttypmod) as numeric_precision,
    information_schema._pg_numeric_precision_radix(t.base, a.atttypmod) as radix,
    information_schema._pg_numeric_scale(t.base, a.atttypmod) as numeric_scale,
    information_schema._pg_datetime_precision(t.base, a.atttypmod) as datetime_precision,
    case when r.kind in ('table', 'materialized_view') then pg_internal.wf_encoding(n.encoding, t.base, r.sortkeys, a.attnum) end as encoding,
    coalesce(r.distkey = a.attnum, false) as distkey,
    pg_internal.wf_sort_position(r.sortstyle, r.sortkeys, a.attnum) as sortkey,
    r.sortstyle
from pg_internal.wf_relations r
join pg_attribute a on a.attrelid = r.relid and a.attnum > 0 and not a.attisdropped
join lateral (select coalesce(nullif(p.typbasetype, 0), p.oid) as base from pg_type p where p.oid = a.atttypid) t on true
left join pg_attrdef def on def.adrelid = a.attrelid and def.adnum = a.attnum and a.attgenerated = ''
left join pg_description d on d.objoid = r.relid and d.classoid = 'pg_class'::regclass and d.objsubid = a.attnum
left join pg_internal.wf_column n on n.relid = r.relid and n.attnum = a.attnum
where r.trouble is null;

-- Asks another database of this engine, logged in as the session's user, for one JSON array. The engine has no dblink;
-- psql does it, also inside a read-only transaction. The answer passes through a file in the engine's own folder.
create or replace function pg_internal.wf_ask(database name, question text) returns json
language plpgsql volatile security definer set search_path = pg_catalog
as $$
declare
    file constant text := 'wf-answer-' || pg_backend_pid();
    program constant text := (select setting from pg_config where name = 'BINDIR') || '/psql';
    person constant text := (select rolname from pg_roles where oid = pg_internal.wf_caller());
    answer text;
begin
    -- Each question takes one more connection: a few at a time.
    perform pg_advisory_lock(4702, pg_backend_pid() % 8);
    begin
        execute format('copy (select %L) to program %L with (format csv, quote e''\x01'', delimiter e''\x02'')',
            translate(question, e'\n\r', '  '),
            format('PGUSER=%s PGDATABASE=%s PGHOST=/proc/self/cwd PGPORT=5432 PGCLIENTENCODING=UTF8 PGOPTIONS= exec %s -X -q -A -t -o %s -v ON_ERROR_STOP=1 2>/dev/null',
                pg_internal.wf_shell_quoted(person), pg_internal.wf_shell_quoted(database), pg_internal.wf_shell_quoted(program), file));
        answer := pg_read_file(file);
        execute format('copy (select 1) to program %L', 'cat > /dev/null; rm -f ' || file);
    exception when others then
        perform pg_advisory_unlock(4702, pg_backend_pid() % 8);
        raise exception using errcode = '58000', message = format('database "%s" could not be asked', database);
    end;
    perform pg_advisory_unlock(4702, pg_backend_pid() % 8);
    return pg_internal.wf_parsed(coalesce(nullif(btrim(answer, e' \n'), ''), '[]'));
end
$$;

create or replace function pg_internal.wf_shell_quoted(word text) returns text
language sql immutable
as $$ select '''' || replace(word, '''', '''\''''') || '''' $$;

create or replace view pg_internal.wf_other_databases as
select d.datname from pg_database d
where d.datallowconn and not d.datistemplate and d.datname <> current_database() and has_database_privilege(d.oid, 'connect');
