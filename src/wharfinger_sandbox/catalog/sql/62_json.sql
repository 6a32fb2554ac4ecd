-- Functions of JSON; see 60_functions.

-- JSON in text, and SUPER.

create or replace function pg_catalog.wf_json(value text, null_if_invalid boolean) returns json
language plpgsql immutable strict parallel safe
as $$
begin
    return pg_internal.wf_parsed(value);
exception when invalid_text_representation or untranslatable_character then
    if null_if_invalid then
        return null;
    end if;
    raise exception using errcode = '22P02', message = 'JSON parsing error';
end
$$;

create or replace function pg_catalog.is_valid_json(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json object $$;
create or replace function pg_catalog.is_valid_json_array(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json array $$;
create or replace function pg_catalog.can_json_parse(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json $$;
create or replace function pg_catalog.json_parse(value text) returns super
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_json(value, false) $$;
create or replace function pg_catalog.json_serialize(value json) returns varchar
language sql immutable parallel safe
as $$ select coalesce(pg_catalog.wf_compact(value), 'null')::varchar $$;
create or replace function pg_catalog.json_typeof(value json) returns varchar
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_engine_json_typeof(value)::varchar $$;
create or replace function pg_catalog.json_size(value json) returns integer
language sql immutable strict parallel safe
as $$ select octet_length(pg_catalog.wf_compact(value)) $$;
create or replace function pg_catalog.get_array_length(value json) returns integer
language sql immutable strict parallel safe
as $$ select case json_typeof(value) when 'array' then pg_catalog.wf_engine_json_array_length(value) end $$;
create or replace function pg_catalog.is_array(value json) returns boolean language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'array' $$;
create or replace function pg_catalog.is_object(value json) returns boolean language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'object' $$;
create or replace function pg_catalog.is_scalar(value json) returns boolean language sql immutable strict parallel safe
as $$ select json_typeof(value) not in ('array', 'object', 'null') $$;
create or replace function pg_catalog.is_varchar(value json) returns boolean language sql immutable strict parallel safe
as $$ select json_typeof(value) = 'string' $$;

create or replace function pg_catalog.json_array_length(value text, null_if_invalid boolean default false) returns integer
language sql immutable strict parallel safe
as $$ select pg_catalog.wf_engine_json_array_length(pg_catalog.wf_json(value, null_if_invalid)) $$;

create or replace function pg_catalog.json_extract_array_element_text(value text, element integer, null_if_invalid boolean default false)
returns varchar language sql immutable strict parallel safe
as $$ select case when element >= 0 then pg_catalog.wf_json(value, null_if_invalid) ->> element end::varchar $$;

-- The last argument may be null_if_invalid, a boolean; a path that does not exist gives NULL.
create or replace function pg_catalog.json_extract_path_text(value text, variadic path text[]) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, false) #>> path)::varchar $$;
create or replace function pg_catalog.json_extract_path_text(value text, p1 text, null_if_invalid boolean) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1])::varchar $$;
create or replace function pg_catalog.json_extract_path_text(value text, p1 text, p2 text, null_if_invalid boolean) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1, p2])::varchar $$;
create or replace function pg_catalog.json_extract_path_text(value text, p1 text, p2 text, p3 text, null_if_invalid boolean) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1, p2, p3])::varchar $$;

-- Around what the dialect spells for the engine, so that the result's column has Redshift's name.
create or replace function pg_catalog."array"(value json) returns super language sql immutable parallel safe as $$ select value $$;
create or replace function pg_catalog.object(value json) returns super language sql immutable parallel safe as $$ select value $$;
create or replace function pg_catalog.hll(value bigint) returns bigint language sql immutable parallel safe as $$ select value $$;
