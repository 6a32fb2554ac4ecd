-- Redshift's own types. SUPER is a domain over the engine's jsonb: it compares, groups and is checked on the way in; what
-- it does not keep is the order of an object's keys. VARBYTE is the engine's bytea itself, under its Redshift name and
-- with a length; so every operator and function of theirs serves them.

do $$
begin
    if to_regtype('pg_catalog.super') is null then
        create domain pg_catalog.super as jsonb;
    end if;
    if (select typname from pg_type where oid = 17) = 'bytea' then
        -- A folder that an older version left has a domain of that name.
        if to_regtype('pg_catalog.varbyte') is not null then
            update pg_attribute a set atttypid = 17, atttypmod = coalesce((select substring(c.type from '\d+')::int
                from pg_internal.wf_column c where c.relid = a.attrelid and c.attnum = a.attnum), -1)
            where atttypid = 'pg_catalog.varbyte'::regtype;
            alter domain pg_catalog.varbyte rename to wf_old_varbyte;
            alter domain pg_catalog.varbinary rename to wf_old_varbinary;
        end if;
        update pg_type set typname = 'varbyte', typmodin = 'bittypmodin'::regproc, typmodout = 'bittypmodout'::regproc where oid = 17;
        create domain pg_catalog.bytea as pg_catalog.varbyte;
        create domain pg_catalog.varbinary as pg_catalog.varbyte;
    end if;
end
$$;

-- Renames functions of the engine whose Redshift namesakes mean something else. Views made before, such as those of
-- information_schema, keep using them: they know them by number.
create or replace procedure pg_internal.wf_shelve(signatures text[])
language plpgsql set search_path = pg_catalog
as $$
declare
    signature text;
    found_oid oid;
begin
    foreach signature in array signatures loop
        select p.oid into found_oid from pg_proc p where p.oid = to_regprocedure('pg_catalog.' || signature) and p.oid < 10000;
        if found_oid is not null then
            execute format('alter routine %s rename to %I', found_oid::regprocedure,
                'wf_engine_' || (select proname from pg_proc where oid = found_oid));
        end if;
    end loop;
end
$$;

create or replace function pg_catalog.wf_scalar(value text) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value varchar) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value character) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value bigint) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value integer) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value numeric) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value double precision) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

create or replace function pg_catalog.wf_scalar(value boolean) returns jsonb
language sql immutable strict parallel safe
as $$ select to_jsonb(value) $$;

-- Compact JSON text, as Redshift writes it.
create or replace function pg_catalog.wf_compact(value jsonb) returns text
language plpgsql immutable parallel safe
as $$
begin
    case jsonb_typeof(value)
        when 'object' then
            return '{' || coalesce((select string_agg(to_json(e.key)::text || ':' || pg_catalog.wf_compact(e.value), ',')
                from jsonb_each(value) e), '') || '}';
        when 'array' then
            return '[' || coalesce((select string_agg(pg_catalog.wf_compact(e.value), ',' order by e.n)
                from jsonb_array_elements(value) with ordinality e(value, n)), '') || ']';
        else
            return value::json::text;
    end case;
end
$$;

create or replace function pg_catalog.wf_plain(value jsonb) returns text
language sql immutable strict parallel safe
as $$ select case jsonb_typeof(value) when 'string' then value #>> '{}' else pg_catalog.wf_compact(value) end $$;

create or replace function pg_catalog.wf_plain_varchar(value jsonb) returns varchar
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_plain(value)::varchar $$;

do $$
begin
    if not exists (select from pg_cast where castsource = 'text'::regtype and casttarget = 'jsonb'::regtype) then
        create cast (text as jsonb) with function pg_catalog.wf_scalar(text) as assignment;
        create cast (varchar as jsonb) with function pg_catalog.wf_scalar(varchar) as assignment;
        create cast (character as jsonb) with function pg_catalog.wf_scalar(character) as assignment;
        create cast (bigint as jsonb) with function pg_catalog.wf_scalar(bigint) as assignment;
        create cast (integer as jsonb) with function pg_catalog.wf_scalar(integer) as assignment;
        create cast (numeric as jsonb) with function pg_catalog.wf_scalar(numeric) as assignment;
        create cast (double precision as jsonb) with function pg_catalog.wf_scalar(double precision) as assignment;
        create cast (boolean as jsonb) with function pg_catalog.wf_scalar(boolean) as assignment;
        create cast (jsonb as text) with function pg_catalog.wf_plain(jsonb) as assignment;
        create cast (jsonb as varchar) with function pg_catalog.wf_plain_varchar(jsonb) as assignment;
    end if;
end
$$;
