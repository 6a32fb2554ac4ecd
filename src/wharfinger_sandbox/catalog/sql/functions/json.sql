-- Functions of JSON in text.

-- JSON in text, or Redshift's error; NULL instead of the error when `null_if_invalid`. The text is unverified.
-- Source: sandbox, internal.
create or replace function pg_catalog.wf_json(value text, null_if_invalid boolean) returns json
language plpgsql immutable strict parallel safe
as $$
begin
    return pg_internal.wf_parsed(value);
exception
    when invalid_text_representation or untranslatable_character then
        if null_if_invalid then
            return null;
        end if;
        raise exception using errcode = '22P02', message = 'JSON parsing error';
end
$$;

-- IS_VALID_JSON: true for an object. Source: unverified.
create or replace function pg_catalog.is_valid_json(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json object $$;

-- IS_VALID_JSON_ARRAY. Source: unverified.
create or replace function pg_catalog.is_valid_json_array(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json array $$;

-- CAN_JSON_PARSE: true for any JSON. Source: unverified.
create or replace function pg_catalog.can_json_parse(value text) returns boolean
language sql immutable strict parallel safe
as $$ select value is json $$;

-- JSON_ARRAY_LENGTH. Source: unverified.
create or replace function pg_catalog.json_array_length(
    value text,
    null_if_invalid boolean default false
) returns integer
language sql immutable strict parallel safe
as $$
    select pg_catalog.wf_engine_json_array_length(pg_catalog.wf_json(value, null_if_invalid))
$$;

-- JSON_EXTRACT_ARRAY_ELEMENT_TEXT, counted from 0; a negative number gives NULL. Source: unverified.
create or replace function pg_catalog.json_extract_array_element_text(
    value text,
    element integer,
    null_if_invalid boolean default false
) returns varchar
language sql immutable strict parallel safe
as $$
    select case
        when element >= 0 then pg_catalog.wf_json(value, null_if_invalid) ->> element
    end::varchar
$$;

-- JSON_EXTRACT_PATH_TEXT; a path that does not exist gives NULL. Source: unverified.
create or replace function pg_catalog.json_extract_path_text(value text, variadic path text[])
returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, false) #>> path)::varchar $$;

-- The same with null_if_invalid after one step. Source: unverified.
create or replace function pg_catalog.json_extract_path_text(
    value text,
    p1 text,
    null_if_invalid boolean
) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1])::varchar $$;

-- The same with null_if_invalid after two steps. Source: unverified.
create or replace function pg_catalog.json_extract_path_text(
    value text,
    p1 text,
    p2 text,
    null_if_invalid boolean
) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1, p2])::varchar $$;

-- The same with null_if_invalid after three steps. Source: unverified.
create or replace function pg_catalog.json_extract_path_text(
    value text,
    p1 text,
    p2 text,
    p3 text,
    null_if_invalid boolean
) returns varchar
language sql immutable strict parallel safe
as $$ select (pg_catalog.wf_json(value, null_if_invalid) #>> array[p1, p2, p3])::varchar $$;
