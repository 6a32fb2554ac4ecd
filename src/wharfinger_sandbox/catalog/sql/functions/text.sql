-- Functions of text. Where redshift-facts says nothing, results follow the examples of the AWS documentation.

-- LEN counts characters. Source: redshift-facts §6.3.
create or replace function pg_catalog.len(text) returns integer
language sql immutable strict parallel safe
as $$ select length($1) $$;

-- The same for CHAR. Source: redshift-facts §6.3.
create or replace function pg_catalog.len(character) returns integer
language sql immutable strict parallel safe
as $$ select length($1) $$;

-- LEN of VARBYTE counts bytes. Source: unverified.
create or replace function pg_catalog.len(varbyte) returns integer
language sql immutable strict parallel safe
as $$ select length($1) $$;

-- TEXTLEN is LEN. Source: unverified.
create or replace function pg_catalog.textlen(text) returns integer
language sql immutable strict parallel safe
as $$ select length($1) $$;

-- CHARINDEX: where the part begins in the whole, 0 when it is absent. Source: unverified.
create or replace function pg_catalog.charindex(part text, whole text) returns integer
language sql immutable strict parallel safe
as $$ select strpos(whole, part) $$;

-- REPLICATE is REPEAT. Source: unverified.
create or replace function pg_catalog.replicate(text, integer) returns text
language sql immutable strict parallel safe
as $$ select repeat($1, $2) $$;

-- CONCAT takes two values, and is NULL when one is. Source: unverified.
create or replace function pg_catalog.concat(text, text) returns text
language sql immutable strict parallel safe
as $$ select $1 || $2 $$;

-- The same for other types. Source: unverified.
create or replace function pg_catalog.concat(anynonarray, anycompatiblenonarray) returns text
language sql immutable strict parallel safe
as $$ select $1::text || $2::text $$;

-- The same for VARBYTE. Source: unverified.
create or replace function pg_catalog.concat(varbyte, varbyte) returns varbyte
language sql immutable strict parallel safe
as $$ select $1 || $2 $$;

-- REGEXP_REPLACE without a replacement removes every match. Source: unverified.
create or replace function pg_catalog.regexp_replace(source text, pattern text) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(source, pattern, '', 'g') $$;

-- REGEXP_REPLACE replaces every match, where the engine replaces the first. Source: unverified.
create or replace function pg_catalog.regexp_replace(source text, pattern text, replacement text)
returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(source, pattern, replacement, 'g') $$;
