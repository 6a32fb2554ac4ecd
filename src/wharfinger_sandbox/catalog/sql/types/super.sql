-- The types SUPER and VARBYTE. SUPER is the engine's json, which keeps a value as it was written; the files beside
-- this one add its casts and comparisons. VARBYTE is the engine's bytea under its Redshift name, with a length.

-- The types, made once. A database whose SUPER is another type was made by a version that cannot be taken over.
do $$
begin
    if to_regtype('pg_catalog.super') is null then
        -- SUPER: semi-structured values. Source: redshift-facts §6.1.
        create domain pg_catalog.super as json;
        -- VARBYTE: the engine's bytea, type 17, renamed and with a length. Source: redshift-facts §6.1.
        update pg_type
        set
            typname = 'varbyte',
            typmodin = 'bittypmodin'::regproc,
            typmodout = 'bittypmodout'::regproc
        where oid = 17;
        -- The name bytea, which the engine's own functions and clients still use. Source: sandbox, internal.
        create domain pg_catalog.bytea as pg_catalog.varbyte;
        -- VARBINARY is VARBYTE. Source: redshift-facts §6.1.
        create domain pg_catalog.varbinary as pg_catalog.varbyte;
    elsif (select typbasetype from pg_type where oid = 'pg_catalog.super'::regtype) <> 'json'::regtype then
        raise exception 'its SUPER columns are kept in another way';
    end if;
end
$$;

-- JSON that is spelled out in text. The cast from text to json would make a JSON string of it.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_parsed(value text) returns json
language sql immutable strict parallel safe
as $$ select json_in(textout(value)) $$;

-- Compact JSON text, as Redshift writes it: without the blanks outside of strings. Source: unverified.
create or replace function pg_catalog.wf_compact(value json) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(textin(json_out(value)), '("(?:[^"\\]|\\.)*")|\s+', '\1', 'g') $$;

-- SUPER as text: the content of a JSON string, the JSON text of everything else. Source: unverified.
create or replace function pg_catalog.wf_plain(value json) returns text
language sql immutable strict parallel safe
as $$
    select case json_typeof(value)
        when 'string' then value #>> '{}'
        else pg_catalog.wf_compact(value)
    end
$$;

-- The same for a cast to VARCHAR. Source: unverified.
create or replace function pg_catalog.wf_plain_varchar(value json) returns varchar
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_plain(value)::varchar $$;

-- A text in SUPER: a JSON string. Source: unverified.
create or replace function pg_catalog.wf_scalar(value text) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for VARCHAR. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value varchar) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for CHAR. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value character) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for BIGINT. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value bigint) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for INTEGER. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value integer) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for DECIMAL. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value numeric) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for DOUBLE PRECISION. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value double precision) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- The same for BOOLEAN. Source: sandbox, internal.
create or replace function pg_catalog.wf_scalar(value boolean) returns json
language sql immutable strict parallel safe
as $$ select to_json(value) $$;

-- SUPER as SMALLINT; an error for what is no number. Source: unverified.
create or replace function pg_catalog.wf_to_int2(value json) returns smallint
language sql immutable strict parallel safe
as $$ select value::jsonb::smallint $$;

-- SUPER as INTEGER. Source: unverified.
create or replace function pg_catalog.wf_to_int4(value json) returns integer
language sql immutable strict parallel safe
as $$ select value::jsonb::integer $$;

-- SUPER as BIGINT. Source: unverified.
create or replace function pg_catalog.wf_to_int8(value json) returns bigint
language sql immutable strict parallel safe
as $$ select value::jsonb::bigint $$;

-- SUPER as DECIMAL. Source: unverified.
create or replace function pg_catalog.wf_to_numeric(value json) returns numeric
language sql immutable strict parallel safe
as $$ select value::jsonb::numeric $$;

-- SUPER as REAL. Source: unverified.
create or replace function pg_catalog.wf_to_float4(value json) returns real
language sql immutable strict parallel safe
as $$ select value::jsonb::real $$;

-- SUPER as DOUBLE PRECISION. Source: unverified.
create or replace function pg_catalog.wf_to_float8(value json) returns double precision
language sql immutable strict parallel safe
as $$ select value::jsonb::double precision $$;

-- SUPER as BOOLEAN. Source: unverified.
create or replace function pg_catalog.wf_to_bool(value json) returns boolean
language sql immutable strict parallel safe
as $$ select value::jsonb::boolean $$;
