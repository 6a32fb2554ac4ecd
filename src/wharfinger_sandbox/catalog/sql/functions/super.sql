-- Functions of SUPER.

-- JSON_PARSE: the SUPER value that a text spells. Source: unverified.
create or replace function pg_catalog.json_parse(value text) returns super
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_json(value, false) $$;

-- JSON_SERIALIZE: compact JSON text; NULL gives null. Source: unverified.
create or replace function pg_catalog.json_serialize(value json) returns varchar
language sql immutable parallel safe
as $$ select coalesce(pg_catalog.wf_compact(value), 'null')::varchar $$;

-- JSON_TYPEOF. Source: redshift-facts §6.2.
create or replace function pg_catalog.json_typeof(value json) returns varchar
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_engine_json_typeof(value)::varchar $$;

-- JSON_SIZE: the bytes of the compact text. Source: unverified.
create or replace function pg_catalog.json_size(value json) returns integer
language sql immutable strict parallel safe
as $$ select octet_length(pg_catalog.wf_compact(value)) $$;

-- GET_ARRAY_LENGTH; NULL for what is no array. Source: unverified.
create or replace function pg_catalog.get_array_length(value json) returns integer
language sql immutable strict parallel safe
as $$
    select case json_typeof(value)
        when 'array' then pg_catalog.wf_engine_json_array_length(value)
    end
$$;

-- IS_ARRAY. Source: unverified.
create or replace function pg_catalog.is_array(value json) returns boolean
language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'array' $$;

-- IS_OBJECT. Source: unverified.
create or replace function pg_catalog.is_object(value json) returns boolean
language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'object' $$;

-- IS_SCALAR; false for null. Source: unverified.
create or replace function pg_catalog.is_scalar(value json) returns boolean
language sql immutable strict parallel safe
as $$ select json_typeof(value) not in ('array', 'object', 'null') $$;

-- IS_VARCHAR: a JSON string. Source: unverified.
create or replace function pg_catalog.is_varchar(value json) returns boolean
language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'string' $$;

-- ARRAY(…). The dialect rewrites it to this function around json_build_array, so that the column is named array.
-- Source: unverified.
create or replace function pg_catalog."array"(value json) returns super
language sql immutable parallel safe
as $$ select value $$;

-- OBJECT(…). The dialect rewrites it to this function around json_build_object. Source: unverified.
create or replace function pg_catalog.object(value json) returns super
language sql immutable parallel safe
as $$ select value $$;
