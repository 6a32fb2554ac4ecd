-- Hashes and the text forms of VARBYTE.

-- The 64-bit FNV-1a hash of bytes, in arithmetic of numeric since BIGINT overflows. Source: sandbox, internal.
create or replace function pg_internal.wf_fnv(bytes varbyte, seed bigint) returns bigint
language plpgsql immutable strict parallel safe
as $$
declare
    state numeric := case when seed < 0 then seed::numeric + 18446744073709551616 else seed end;
    low integer;
begin
    for position in 0 .. length(bytes) - 1 loop
        low := mod(state, 256)::integer;
        state := mod(
            (state - low + (low # get_byte(bytes, position))) * 1099511628211, 18446744073709551616
        );
    end loop;
    return case when state >= 9223372036854775808 then state - 18446744073709551616 else state end;
end
$$;

-- Bytes in reverse order. Source: sandbox, internal.
create or replace function pg_internal.wf_reversed(bytes varbyte) returns varbyte
language sql immutable strict parallel safe
as $$
    select string_agg(substr(bytes, n, 1), ''::varbyte order by n desc)
    from generate_series(1, length(bytes)) n
$$;

-- FNV_HASH of text. The default seed is FNV's own, 0xcbf29ce484222325; NULL hashes to the seed. Source: unverified.
create or replace function pg_catalog.fnv_hash(value text, seed bigint default -3750763034362895579)
returns bigint
language sql immutable parallel safe
as $$ select coalesce(pg_internal.wf_fnv(convert_to(value, 'UTF8'), seed), seed) $$;

-- FNV_HASH of SMALLINT: of its little-endian bytes. Source: unverified.
create or replace function pg_catalog.fnv_hash(
    value smallint,
    seed bigint default -3750763034362895579
) returns bigint
language sql immutable parallel safe
as $$
    select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int2send(value)), seed), seed)
$$;

-- FNV_HASH of INTEGER. Source: unverified.
create or replace function pg_catalog.fnv_hash(
    value integer,
    seed bigint default -3750763034362895579
) returns bigint
language sql immutable parallel safe
as $$
    select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int4send(value)), seed), seed)
$$;

-- FNV_HASH of BIGINT. Source: unverified.
create or replace function pg_catalog.fnv_hash(
    value bigint,
    seed bigint default -3750763034362895579
) returns bigint
language sql immutable parallel safe
as $$
    select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int8send(value)), seed), seed)
$$;

-- SHA2 with 224, 256 (or 0), 384 or 512 bits; NULL for other numbers. Source: unverified.
create or replace function pg_catalog.sha2(value text, bits integer) returns varchar
language sql immutable strict parallel safe
as $$
    select case
        when bits in (0, 256) then encode(sha256(convert_to(value, 'UTF8')), 'hex')
        when bits = 224 then encode(sha224(convert_to(value, 'UTF8')), 'hex')
        when bits = 384 then encode(sha384(convert_to(value, 'UTF8')), 'hex')
        when bits = 512 then encode(sha512(convert_to(value, 'UTF8')), 'hex')
    end
$$;

-- TO_VARBYTE from hex, base64, utf8 or binary. Source: unverified.
create or replace function pg_catalog.to_varbyte(value text, format text) returns varbyte
language sql immutable strict parallel safe
as $$
    select case lower(format)
        when 'hex' then decode(value, 'hex')
        when 'base64' then decode(value, 'base64')
        when 'utf8' then convert_to(value, 'UTF8')
        when 'utf-8' then convert_to(value, 'UTF8')
        when 'binary' then (
            select string_agg(
                set_byte('\x00', 0, substr(value, n, 8)::bit(8)::int), ''::varbyte order by n
            )
            from generate_series(1, length(value), 8) n
        )
    end
$$;

-- FROM_VARBYTE to hex, base64, utf8 or binary. Source: unverified.
create or replace function pg_catalog.from_varbyte(value varbyte, format text) returns varchar
language sql immutable strict parallel safe
as $$
    select case lower(format)
        when 'hex' then encode(value, 'hex')
        when 'base64' then encode(value, 'base64')
        when 'utf8' then convert_from(value, 'UTF8')
        when 'utf-8' then convert_from(value, 'UTF8')
        when 'binary' then (
            select string_agg(get_byte(value, n)::bit(8)::text, '' order by n)
            from generate_series(0, length(value) - 1) n
        )
    end
$$;

-- FROM_HEX. Source: unverified.
create or replace function pg_catalog.from_hex(value text) returns varbyte
language sql immutable strict parallel safe
as $$ select decode(value, 'hex') $$;
