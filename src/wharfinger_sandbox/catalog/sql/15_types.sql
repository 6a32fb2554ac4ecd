-- Redshift's own types. SUPER is the engine's json, which keeps a value as it was written; here it is also taught to
-- compare. VARBYTE is the engine's bytea under its Redshift name and with a length. So every operator and function of
-- theirs serves them.

do $$
begin
    if to_regtype('pg_catalog.super') is null then
        create domain pg_catalog.super as json;
        update pg_type set typname = 'varbyte', typmodin = 'bittypmodin'::regproc, typmodout = 'bittypmodout'::regproc where oid = 17;
        create domain pg_catalog.bytea as pg_catalog.varbyte;
        create domain pg_catalog.varbinary as pg_catalog.varbyte;
    elsif (select typbasetype from pg_type where oid = 'pg_catalog.super'::regtype) <> 'json'::regtype then
        raise exception 'its SUPER columns are kept in another way';
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

-- Text in JSON, which the cast below would make a string of.
create or replace function pg_internal.wf_parsed(value text) returns json
language sql immutable strict parallel safe
as $$ select json_in(textout(value)) $$;

create or replace function pg_catalog.wf_scalar(value text) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value varchar) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value character) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value bigint) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value integer) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value numeric) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value double precision) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

create or replace function pg_catalog.wf_scalar(value boolean) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- Compact JSON text, as Redshift writes it: without the blanks outside of strings.
create or replace function pg_catalog.wf_compact(value json) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(textin(json_out(value)), '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $$;

create or replace function pg_catalog.wf_plain(value json) returns text
language sql immutable strict parallel safe
as $$ select case json_typeof(value) when 'string' then value #>> '{}' else pg_catalog.wf_compact(value) end $$;

create or replace function pg_catalog.wf_plain_varchar(value json) returns varchar
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_plain(value)::varchar $$;

create or replace function pg_catalog.wf_to_int2(value json) returns smallint
language sql immutable strict parallel safe as $$ select value::jsonb::smallint $$;
create or replace function pg_catalog.wf_to_int4(value json) returns integer
language sql immutable strict parallel safe as $$ select value::jsonb::integer $$;
create or replace function pg_catalog.wf_to_int8(value json) returns bigint
language sql immutable strict parallel safe as $$ select value::jsonb::bigint $$;
create or replace function pg_catalog.wf_to_numeric(value json) returns numeric
language sql immutable strict parallel safe as $$ select value::jsonb::numeric $$;
create or replace function pg_catalog.wf_to_float4(value json) returns real
language sql immutable strict parallel safe as $$ select value::jsonb::real $$;
create or replace function pg_catalog.wf_to_float8(value json) returns double precision
language sql immutable strict parallel safe as $$ select value::jsonb::double precision $$;
create or replace function pg_catalog.wf_to_bool(value json) returns boolean
language sql immutable strict parallel safe as $$ select value::jsonb::boolean $$;

-- Two values are equal when they mean the same, in whatever order their keys stand.
create or replace function pg_catalog.wf_super_order(one json, other json) returns integer
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) $$;
create or replace function pg_catalog.wf_super_hash(value json) returns integer
language sql immutable strict parallel safe as $$ select jsonb_hash(value::jsonb) $$;
create or replace function pg_catalog.wf_super_lt(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) < 0 $$;
create or replace function pg_catalog.wf_super_le(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) <= 0 $$;
create or replace function pg_catalog.wf_super_eq(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) = 0 $$;
create or replace function pg_catalog.wf_super_ne(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) <> 0 $$;
create or replace function pg_catalog.wf_super_ge(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) >= 0 $$;
create or replace function pg_catalog.wf_super_gt(one json, other json) returns boolean
language sql immutable strict parallel safe as $$ select jsonb_cmp(one::jsonb, other::jsonb) > 0 $$;

do $$
begin
    if not exists (select from pg_cast where castsource = 'text'::regtype and casttarget = 'json'::regtype) then
        create cast (text as json) with function pg_catalog.wf_scalar(text) as assignment;
        create cast (varchar as json) with function pg_catalog.wf_scalar(varchar) as assignment;
        create cast (character as json) with function pg_catalog.wf_scalar(character) as assignment;
        create cast (bigint as json) with function pg_catalog.wf_scalar(bigint) as assignment;
        create cast (integer as json) with function pg_catalog.wf_scalar(integer) as assignment;
        create cast (numeric as json) with function pg_catalog.wf_scalar(numeric) as assignment;
        create cast (double precision as json) with function pg_catalog.wf_scalar(double precision) as assignment;
        create cast (boolean as json) with function pg_catalog.wf_scalar(boolean) as assignment;
        create cast (json as text) with function pg_catalog.wf_plain(json) as assignment;
        create cast (json as varchar) with function pg_catalog.wf_plain_varchar(json) as assignment;
        create cast (json as smallint) with function pg_catalog.wf_to_int2(json);
        create cast (json as integer) with function pg_catalog.wf_to_int4(json);
        create cast (json as bigint) with function pg_catalog.wf_to_int8(json);
        create cast (json as numeric) with function pg_catalog.wf_to_numeric(json);
        create cast (json as real) with function pg_catalog.wf_to_float4(json);
        create cast (json as double precision) with function pg_catalog.wf_to_float8(json);
        create cast (json as boolean) with function pg_catalog.wf_to_bool(json);
        create operator pg_catalog.< (leftarg = json, rightarg = json, function = pg_catalog.wf_super_lt,
            commutator = operator(pg_catalog.>), negator = operator(pg_catalog.>=), restrict = scalarltsel, join = scalarltjoinsel);
        create operator pg_catalog.<= (leftarg = json, rightarg = json, function = pg_catalog.wf_super_le,
            commutator = operator(pg_catalog.>=), negator = operator(pg_catalog.>), restrict = scalarlesel, join = scalarlejoinsel);
        create operator pg_catalog.= (leftarg = json, rightarg = json, function = pg_catalog.wf_super_eq,
            commutator = operator(pg_catalog.=), negator = operator(pg_catalog.<>), restrict = eqsel, join = eqjoinsel, hashes, merges);
        create operator pg_catalog.<> (leftarg = json, rightarg = json, function = pg_catalog.wf_super_ne,
            commutator = operator(pg_catalog.<>), negator = operator(pg_catalog.=), restrict = neqsel, join = neqjoinsel);
        create operator pg_catalog.>= (leftarg = json, rightarg = json, function = pg_catalog.wf_super_ge,
            commutator = operator(pg_catalog.<=), negator = operator(pg_catalog.<), restrict = scalargesel, join = scalargejoinsel);
        create operator pg_catalog.> (leftarg = json, rightarg = json, function = pg_catalog.wf_super_gt,
            commutator = operator(pg_catalog.<), negator = operator(pg_catalog.<=), restrict = scalargtsel, join = scalargtjoinsel);
        create operator class pg_catalog.super_ops default for type json using btree as operator 1 <, operator 2 <=, operator 3 =,
            operator 4 >=, operator 5 >, function 1 pg_catalog.wf_super_order(json, json);
        create operator class pg_catalog.super_ops default for type json using hash as operator 1 =,
            function 1 pg_catalog.wf_super_hash(json);
    end if;
end
$$;
