-- Redshift's functions that the engine lacks, and those it has with another meaning. Each has a value test.

call pg_internal.wf_shelve(array[
    'avg(smallint)', 'avg(integer)', 'avg(bigint)', 'sum(bigint)', 'concat("any")', 'version()',
    'stddev(smallint)', 'stddev(integer)', 'stddev(bigint)', 'stddev(numeric)',
    'stddev_samp(smallint)', 'stddev_samp(integer)', 'stddev_samp(bigint)', 'stddev_samp(numeric)',
    'stddev_pop(smallint)', 'stddev_pop(integer)', 'stddev_pop(bigint)', 'stddev_pop(numeric)',
    'variance(smallint)', 'variance(integer)', 'variance(bigint)', 'variance(numeric)',
    'var_samp(smallint)', 'var_samp(integer)', 'var_samp(bigint)', 'var_samp(numeric)',
    'var_pop(smallint)', 'var_pop(integer)', 'var_pop(bigint)', 'var_pop(numeric)',
    'regexp_replace(text,text,text)', 'json_array_length(json)', 'json_typeof(json)',
    'pg_get_constraintdef(oid)', 'pg_get_constraintdef(oid,boolean)', 'pg_get_viewdef(oid)',
    'has_table_privilege(name,text,text)', 'has_table_privilege(name,oid,text)', 'has_table_privilege(oid,text,text)',
    'has_table_privilege(oid,oid,text)', 'has_table_privilege(text,text)', 'has_table_privilege(oid,text)'
]);

-- Identity and session.

create or replace function pg_catalog.version() returns text
language sql immutable
as $$ select 'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0 (Wharfinger sandbox)'::text $$;

create or replace function pg_catalog.current_user_id() returns integer
language sql stable
as $$ select oid::int from pg_catalog.pg_roles where rolname = current_user $$;

create or replace function pg_catalog.user_is_member_of(user_name name, role_name name) returns boolean
language sql stable
as $$ select pg_catalog.pg_has_role(user_name, ('r/' || role_name)::name, 'member') $$;

create or replace function pg_catalog.role_is_member_of(role_name name, granted_role name) returns boolean
language sql stable
as $$ select pg_catalog.pg_has_role(('r/' || role_name)::name, ('r/' || granted_role)::name, 'member') $$;

-- has_table_privilege knows DROP, ALTER and TRUNCATE (redshift-facts §4.2); see 40_grants on how they are kept.

create or replace function pg_internal.wf_rights(privileges text) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(regexp_replace(privileges, '\mdrop\M', 'MAINTAIN', 'i'), '\malter\M', 'TRIGGER', 'i') $$;

create or replace function pg_catalog.has_table_privilege(name, text, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;
create or replace function pg_catalog.has_table_privilege(name, oid, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;
create or replace function pg_catalog.has_table_privilege(oid, text, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;
create or replace function pg_catalog.has_table_privilege(oid, oid, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;
create or replace function pg_catalog.has_table_privilege(text, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, pg_internal.wf_rights($2)) $$;
create or replace function pg_catalog.has_table_privilege(oid, text) returns boolean language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, pg_internal.wf_rights($2)) $$;

-- Keys have no index here, so the engine's own function cannot spell them.
create or replace function pg_catalog.pg_get_constraintdef(constraint_oid oid) returns text
language sql stable strict
as $$
    select case when c.contype in ('p', 'u') and c.conindid = 0 or c.contype = 'f' and c.conindid = 0 then
            case c.contype when 'p' then 'PRIMARY KEY (' when 'u' then 'UNIQUE (' else 'FOREIGN KEY (' end
            || (select string_agg(quote_ident(a.attname), ', ' order by k.n) from unnest(c.conkey) with ordinality k(num, n)
                join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num)
            || ')'
            || case when c.contype = 'f' then ' REFERENCES ' || c.confrelid::regclass::text || '('
                || (select string_agg(quote_ident(a.attname), ', ' order by k.n) from unnest(c.confkey) with ordinality k(num, n)
                    join pg_catalog.pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num)
                || ')' else '' end
        else pg_catalog.wf_engine_pg_get_constraintdef(c.oid) end
    from pg_catalog.pg_constraint c where c.oid = constraint_oid
$$;

create or replace function pg_catalog.pg_get_constraintdef(constraint_oid oid, pretty boolean) returns text
language sql stable strict
as $$ select pg_catalog.pg_get_constraintdef(constraint_oid) $$;

-- Aggregates: over integers AVG and SUM give BIGINT, so AVG loses its fraction and SUM can overflow; STDDEV and
-- VARIANCE give double precision (redshift-facts §6.2).

create or replace function pg_catalog.wf_avg(state bigint[]) returns bigint
language sql immutable strict parallel safe
as $$ select case state[1] when 0 then null else state[2] / state[1] end $$;

create or replace function pg_catalog.wf_avg_step(state bigint[], value bigint) returns bigint[]
language sql immutable strict parallel safe
as $$ select array[state[1] + 1, state[2] + value] $$;

create or replace aggregate pg_catalog.avg(smallint) (
    sfunc = int2_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = pg_catalog.wf_avg,
    combinefunc = int4_avg_combine, parallel = safe);
create or replace aggregate pg_catalog.avg(integer) (
    sfunc = int4_avg_accum, stype = bigint[], initcond = '{0,0}', finalfunc = pg_catalog.wf_avg,
    combinefunc = int4_avg_combine, parallel = safe);
create or replace aggregate pg_catalog.avg(bigint) (
    sfunc = pg_catalog.wf_avg_step, stype = bigint[], initcond = '{0,0}', finalfunc = pg_catalog.wf_avg, parallel = safe);
create or replace aggregate pg_catalog.sum(bigint) (sfunc = int8pl, stype = bigint, combinefunc = int8pl, parallel = safe);
create or replace function pg_catalog.wf_smaller(json, json) returns json language sql immutable strict parallel safe
as $$ select case when $1 <= $2 then $1 else $2 end $$;
create or replace function pg_catalog.wf_larger(json, json) returns json language sql immutable strict parallel safe
as $$ select case when $1 >= $2 then $1 else $2 end $$;
create or replace aggregate pg_catalog.min(json) (sfunc = pg_catalog.wf_smaller, stype = json);
create or replace aggregate pg_catalog.max(json) (sfunc = pg_catalog.wf_larger, stype = json);

-- LISTAGG holds at most 65535 bytes.
create or replace function pg_catalog.listagg(list text) returns varchar
language plpgsql immutable strict parallel safe
as $$
begin
    if octet_length(list) > 65535 then
        raise exception using errcode = '54000', message = 'Result size exceeds LISTAGG limit';
    end if;
    return list;
end
$$;

-- MEDIAN is the engine's percentile_cont under its own name.
create or replace function pg_catalog.median(value double precision) returns double precision
language sql immutable strict parallel safe
as $$ select value $$;
create or replace function pg_catalog.median(value interval) returns interval language sql immutable strict parallel safe
as $$ select value $$;

-- Text.

create or replace function pg_catalog.len(text) returns integer language sql immutable strict parallel safe
as $$ select length($1) $$;
create or replace function pg_catalog.len(character) returns integer language sql immutable strict parallel safe
as $$ select length($1) $$;
create or replace function pg_catalog.len(varbyte) returns integer language sql immutable strict parallel safe
as $$ select length($1) $$;
create or replace function pg_catalog.textlen(text) returns integer language sql immutable strict parallel safe
as $$ select length($1) $$;
create or replace function pg_catalog.charindex(part text, whole text) returns integer language sql immutable strict parallel safe
as $$ select strpos(whole, part) $$;
create or replace function pg_catalog.replicate(text, integer) returns text language sql immutable strict parallel safe
as $$ select repeat($1, $2) $$;

-- CONCAT takes two values, and is NULL when one is.
create or replace function pg_catalog.concat(text, text) returns text language sql immutable strict parallel safe
as $$ select $1 || $2 $$;
create or replace function pg_catalog.concat(anynonarray, anycompatiblenonarray) returns text language sql immutable strict parallel safe
as $$ select $1::text || $2::text $$;
create or replace function pg_catalog.concat(varbyte, varbyte) returns varbyte language sql immutable strict parallel safe
as $$ select $1 || $2 $$;

-- REGEXP_REPLACE replaces every match.
create or replace function pg_catalog.regexp_replace(source text, pattern text) returns text language sql immutable strict parallel safe
as $$ select regexp_replace(source, pattern, '', 'g') $$;
create or replace function pg_catalog.regexp_replace(source text, pattern text, replacement text) returns text
language sql immutable strict parallel safe
as $$ select regexp_replace(source, pattern, replacement, 'g') $$;

create or replace function pg_catalog.strtol(digits text, base integer) returns bigint
language plpgsql immutable strict parallel safe
as $$
declare
    rest text := lower(btrim(digits));
    sign integer := 1;
    total numeric := 0;
    value integer;
begin
    if base < 2 or base > 36 then
        raise exception using errcode = '22023', message = format('Invalid base %s, it must be between 2 and 36', base);
    end if;
    if left(rest, 1) in ('-', '+') then
        sign := case left(rest, 1) when '-' then -1 else 1 end;
        rest := substr(rest, 2);
    end if;
    if base = 16 and left(rest, 2) = '0x' then
        rest := substr(rest, 3);
    end if;
    for position in 1 .. length(rest) loop
        value := strpos('0123456789abcdefghijklmnopqrstuvwxyz', substr(rest, position, 1)) - 1;
        if value < 0 or value >= base then
            raise exception using errcode = '22023',
                message = format('The input %s is not valid to be converted to base %s', digits, base);
        end if;
        total := total * base + value;
    end loop;
    return sign * total;
end
$$;

-- Hashes.

create or replace function pg_internal.wf_fnv(bytes varbyte, seed bigint) returns bigint
language plpgsql immutable strict parallel safe
as $$
declare
    state numeric := case when seed < 0 then seed::numeric + 18446744073709551616 else seed end;
    low integer;
begin
    for position in 0 .. length(bytes) - 1 loop
        low := mod(state, 256)::integer;
        state := mod((state - low + (low # get_byte(bytes, position))) * 1099511628211, 18446744073709551616);
    end loop;
    return case when state >= 9223372036854775808 then state - 18446744073709551616 else state end;
end
$$;

create or replace function pg_internal.wf_reversed(bytes varbyte) returns varbyte
language sql immutable strict parallel safe
as $$ select string_agg(substr(bytes, n, 1), ''::varbyte order by n desc) from generate_series(1, length(bytes)) n $$;

-- The default seed is FNV's own, 0xcbf29ce484222325. Numbers are hashed in their little-endian bytes.
create or replace function pg_catalog.fnv_hash(value text, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe
as $$ select coalesce(pg_internal.wf_fnv(convert_to(value, 'UTF8'), seed), seed) $$;
create or replace function pg_catalog.fnv_hash(value smallint, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe
as $$ select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int2send(value)), seed), seed) $$;
create or replace function pg_catalog.fnv_hash(value integer, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe
as $$ select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int4send(value)), seed), seed) $$;
create or replace function pg_catalog.fnv_hash(value bigint, seed bigint default -3750763034362895579) returns bigint
language sql immutable parallel safe
as $$ select coalesce(pg_internal.wf_fnv(pg_internal.wf_reversed(int8send(value)), seed), seed) $$;

create or replace function pg_catalog.sha2(value text, bits integer) returns varchar
language sql immutable strict parallel safe
as $$
    select case when bits in (0, 256) then encode(sha256(convert_to(value, 'UTF8')), 'hex')
        when bits = 224 then encode(sha224(convert_to(value, 'UTF8')), 'hex')
        when bits = 384 then encode(sha384(convert_to(value, 'UTF8')), 'hex')
        when bits = 512 then encode(sha512(convert_to(value, 'UTF8')), 'hex') end
$$;

create or replace function pg_catalog.to_varbyte(value text, format text) returns varbyte
language sql immutable strict parallel safe
as $$
    select case lower(format) when 'hex' then decode(value, 'hex') when 'base64' then decode(value, 'base64')
        when 'utf8' then convert_to(value, 'UTF8') when 'utf-8' then convert_to(value, 'UTF8')
        when 'binary' then (select string_agg(set_byte('\x00', 0, substr(value, n, 8)::bit(8)::int), ''::varbyte order by n)
            from generate_series(1, length(value), 8) n) end
$$;
create or replace function pg_catalog.from_varbyte(value varbyte, format text) returns varchar
language sql immutable strict parallel safe
as $$
    select case lower(format) when 'hex' then encode(value, 'hex') when 'base64' then encode(value, 'base64')
        when 'utf8' then convert_from(value, 'UTF8') when 'utf-8' then convert_from(value, 'UTF8')
        when 'binary' then (select string_agg(get_byte(value, n)::bit(8)::text, '' order by n)
            from generate_series(0, length(value) - 1) n) end
$$;
create or replace function pg_catalog.from_hex(value text) returns varbyte language sql immutable strict parallel safe
as $$ select decode(value, 'hex') $$;

-- Numbers.

create or replace function pg_catalog.dexp(double precision) returns double precision language sql immutable strict parallel safe
as $$ select exp($1) $$;
create or replace function pg_catalog.dlog1(double precision) returns double precision language sql immutable strict parallel safe
as $$ select ln($1) $$;
create or replace function pg_catalog.dlog10(double precision) returns double precision language sql immutable strict parallel safe
as $$ select log($1) $$;
