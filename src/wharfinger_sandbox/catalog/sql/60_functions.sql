-- Redshift's functions that the engine lacks, and those it has with another meaning. Each has a value test.

call pg_internal.wf_shelve(array[
    'avg(smallint)', 'avg(integer)', 'avg(bigint)', 'sum(bigint)', 'concat("any")', 'version()',
    'stddev(smallint)', 'stddev(integer)', 'stddev(bigint)', 'stddev(numeric)',
    'stddev_samp(smallint)', 'stddev_samp(integer)', 'stddev_samp(bigint)', 'stddev_samp(numeric)',
    'stddev_pop(smallint)', 'stddev_pop(integer)', 'stddev_pop(bigint)', 'stddev_pop(numeric)',
    'variance(smallint)', 'variance(integer)', 'variance(bigint)', 'variance(numeric)',
    'var_samp(smallint)', 'var_samp(integer)', 'var_samp(bigint)', 'var_samp(numeric)',
    'var_pop(smallint)', 'var_pop(integer)', 'var_pop(bigint)', 'var_pop(numeric)',
    'regexp_replace(text,text,text)', 'json_array_length(json)',
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
create or replace function pg_catalog.wf_smaller(jsonb, jsonb) returns jsonb language sql immutable strict parallel safe
as $$ select case when $1 <= $2 then $1 else $2 end $$;
create or replace function pg_catalog.wf_larger(jsonb, jsonb) returns jsonb language sql immutable strict parallel safe
as $$ select case when $1 >= $2 then $1 else $2 end $$;
create or replace aggregate pg_catalog.min(jsonb) (sfunc = pg_catalog.wf_smaller, stype = jsonb);
create or replace aggregate pg_catalog.max(jsonb) (sfunc = pg_catalog.wf_larger, stype = jsonb);

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
create or replace function pg_catalog.len(bytea) returns integer language sql immutable strict parallel safe
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
create or replace function pg_catalog.concat(bytea, bytea) returns bytea language sql immutable strict parallel safe
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

create or replace function pg_internal.wf_fnv(bytes bytea, seed bigint) returns bigint
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

create or replace function pg_internal.wf_reversed(bytes bytea) returns bytea
language sql immutable strict parallel safe
as $$ select string_agg(substr(bytes, n, 1), ''::bytea order by n desc) from generate_series(1, length(bytes)) n $$;

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

create or replace function pg_catalog.to_varbyte(value text, format text) returns bytea
language sql immutable strict parallel safe
as $$
    select case lower(format) when 'hex' then decode(value, 'hex') when 'base64' then decode(value, 'base64')
        when 'utf8' then convert_to(value, 'UTF8') when 'utf-8' then convert_to(value, 'UTF8')
        when 'binary' then (select string_agg(set_byte('\x00', 0, substr(value, n, 8)::bit(8)::int), ''::bytea order by n)
            from generate_series(1, length(value), 8) n) end
$$;
create or replace function pg_catalog.from_varbyte(value bytea, format text) returns varchar
language sql immutable strict parallel safe
as $$
    select case lower(format) when 'hex' then encode(value, 'hex') when 'base64' then encode(value, 'base64')
        when 'utf8' then convert_from(value, 'UTF8') when 'utf-8' then convert_from(value, 'UTF8')
        when 'binary' then (select string_agg(get_byte(value, n)::bit(8)::text, '' order by n)
            from generate_series(0, length(value) - 1) n) end
$$;
create or replace function pg_catalog.from_hex(value text) returns bytea language sql immutable strict parallel safe
as $$ select decode(value, 'hex') $$;

-- Dates and times. GETDATE is the statement's time in whole seconds, SYSDATE the transaction's, both without zone.

create or replace function pg_catalog.getdate() returns timestamp
language sql stable parallel safe
as $$ select date_trunc('second', statement_timestamp() at time zone 'UTC') $$;

create or replace function pg_catalog.sysdate() returns timestamp
language sql stable parallel safe
as $$ select transaction_timestamp() at time zone 'UTC' $$;

create or replace function pg_internal.wf_datepart(part text) returns text
language plpgsql immutable strict parallel safe
as $$
begin
    case lower(part)
        when 'millennium', 'millennia', 'mil', 'mils' then return 'millennium';
        when 'century', 'centuries', 'c', 'cent', 'cents' then return 'century';
        when 'decade', 'decades', 'dec', 'decs' then return 'decade';
        when 'year', 'years', 'y', 'yr', 'yrs' then return 'year';
        when 'quarter', 'quarters', 'qtr', 'qtrs' then return 'quarter';
        when 'month', 'months', 'mon', 'mons' then return 'month';
        when 'week', 'weeks', 'w' then return 'week';
        when 'day', 'days', 'd' then return 'day';
        when 'hour', 'hours', 'h', 'hr', 'hrs' then return 'hour';
        when 'minute', 'minutes', 'm', 'min', 'mins' then return 'minute';
        when 'second', 'seconds', 's', 'sec', 'secs' then return 'second';
        when 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds', 'millisec', 'millisecs', 'millisecon' then
            return 'millisecond';
        when 'microsecond', 'microseconds', 'microsec', 'microsecs', 'microsecond', 'usecond', 'useconds', 'us', 'usec', 'usecs' then
            return 'microsecond';
        else
            raise exception using errcode = '22023', message = format('unknown date part "%s"', part);
    end case;
end
$$;

create or replace function pg_internal.wf_interval(part text, amount bigint) returns interval
language sql immutable strict parallel safe
as $$
    select case pg_internal.wf_datepart(part)
        when 'millennium' then make_interval(years => (amount * 1000)::int)
        when 'century' then make_interval(years => (amount * 100)::int)
        when 'decade' then make_interval(years => (amount * 10)::int)
        when 'year' then make_interval(years => amount::int)
        when 'quarter' then make_interval(months => (amount * 3)::int)
        when 'month' then make_interval(months => amount::int)
        when 'week' then make_interval(days => (amount * 7)::int)
        when 'day' then make_interval(days => amount::int)
        when 'hour' then interval '1 hour' * amount
        when 'minute' then interval '1 minute' * amount
        when 'second' then interval '1 second' * amount
        when 'millisecond' then interval '1 millisecond' * amount
        else interval '1 microsecond' * amount end
$$;

create or replace function pg_catalog.dateadd(part text, amount bigint, start timestamp) returns timestamp
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;
create or replace function pg_catalog.dateadd(part text, amount bigint, start date) returns timestamp
language sql immutable strict parallel safe
as $$ select start::timestamp + pg_internal.wf_interval(part, amount) $$;
create or replace function pg_catalog.dateadd(part text, amount bigint, start timestamptz) returns timestamptz
language sql stable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;
create or replace function pg_catalog.dateadd(part text, amount bigint, start time) returns time
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;
create or replace function pg_catalog.dateadd(part text, amount bigint, start timetz) returns timetz
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;

-- Counts the boundaries of the part between two moments, not the time that went by. A week starts on Monday, as for
-- DATE_TRUNC (for DATEDIFF unverified).
create or replace function pg_catalog.datediff(part text, start timestamp, finish timestamp) returns bigint
language sql immutable strict parallel safe
as $$
    select case unit
        when 'millennium' then extract(millennium from finish) - extract(millennium from start)
        when 'century' then extract(century from finish) - extract(century from start)
        when 'decade' then extract(decade from finish) - extract(decade from start)
        when 'year' then extract(year from finish) - extract(year from start)
        when 'quarter' then (extract(year from finish) - extract(year from start)) * 4
            + extract(quarter from finish) - extract(quarter from start)
        when 'month' then (extract(year from finish) - extract(year from start)) * 12
            + extract(month from finish) - extract(month from start)
        when 'week' then (date_trunc('week', finish)::date - date_trunc('week', start)::date) / 7
        when 'day' then finish::date - start::date
        when 'hour' then extract(epoch from date_trunc('hour', finish) - date_trunc('hour', start)) / 3600
        when 'minute' then extract(epoch from date_trunc('minute', finish) - date_trunc('minute', start)) / 60
        when 'second' then extract(epoch from date_trunc('second', finish) - date_trunc('second', start))
        when 'millisecond' then extract(epoch from date_trunc('milliseconds', finish) - date_trunc('milliseconds', start)) * 1000
        else extract(epoch from finish - start) * 1000000 end::bigint
    from (select pg_internal.wf_datepart(part) as unit) parts
$$;
create or replace function pg_catalog.datediff(part text, start date, finish date) returns bigint
language sql immutable strict parallel safe
as $$ select pg_catalog.datediff(part, start::timestamp, finish::timestamp) $$;
create or replace function pg_catalog.datediff(part text, start timestamptz, finish timestamptz) returns bigint
language sql stable strict parallel safe
as $$ select pg_catalog.datediff(part, start::timestamp, finish::timestamp) $$;
create or replace function pg_catalog.datediff(part text, start time, finish time) returns bigint
language sql immutable strict parallel safe
as $$ select pg_catalog.datediff(part, date '2000-01-01' + start, date '2000-01-01' + finish) $$;

create or replace function pg_catalog.date_trunc(part text, value date) returns timestamp
language sql immutable strict parallel safe
as $$ select date_trunc(part, value::timestamp) $$;
create or replace function pg_catalog.trunc(value timestamp) returns date language sql immutable strict parallel safe
as $$ select value::date $$;
create or replace function pg_catalog.trunc(value timestamptz) returns date language sql stable strict parallel safe
as $$ select value::date $$;
create or replace function pg_catalog.trunc(value date) returns date language sql immutable strict parallel safe
as $$ select value $$;

create or replace function pg_catalog.last_day(value timestamp) returns date language sql immutable strict parallel safe
as $$ select (date_trunc('month', value) + interval '1 month - 1 day')::date $$;

-- The last day of a month stays a last day.
create or replace function pg_catalog.add_months(value timestamp, months integer) returns timestamp
language sql immutable strict parallel safe
as $$
    select case when pg_catalog.last_day(value) = value::date
        then pg_catalog.last_day(date_trunc('month', value) + make_interval(months => months)) + value::time
        else value + make_interval(months => months) end
$$;

create or replace function pg_catalog.months_between(finish timestamp, start timestamp) returns double precision
language sql immutable strict parallel safe
as $$
    select (pg_catalog.datediff('month', start, finish) + case
        when extract(day from finish) = extract(day from start)
            or pg_catalog.last_day(finish) = finish::date and pg_catalog.last_day(start) = start::date then 0
        else (extract(epoch from (finish - date_trunc('month', finish)) - (start - date_trunc('month', start))) / 86400 / 31) end)::double precision
$$;

create or replace function pg_catalog.next_day(value timestamp, day text) returns date
language plpgsql immutable strict parallel safe
as $$
declare
    names constant text[] := array['su', 'm', 'tu', 'w', 'th', 'f', 'sa'];
begin
    for number in 0 .. 6 loop
        if lower(day) like names[number + 1] || '%' and length(day) <= 9 then
            return value::date + 1 + (number - extract(dow from value::date + 1)::int + 7) % 7;
        end if;
    end loop;
    raise exception using errcode = '22023', message = format('unknown day "%s"', day);
end
$$;

create or replace function pg_catalog.date_part_year(value date) returns integer language sql immutable strict parallel safe
as $$ select extract(year from value)::int $$;
create or replace function pg_catalog.date_cmp(date, date) returns integer language sql immutable strict parallel safe
as $$ select case when $1 < $2 then -1 when $1 > $2 then 1 else 0 end $$;
create or replace function pg_catalog.timestamp_cmp_date(timestamp, date) returns integer language sql immutable strict parallel safe
as $$ select case when $1 < $2 then -1 when $1 > $2 then 1 else 0 end $$;

create or replace function pg_catalog.convert_timezone(source text, target text, value timestamp) returns timestamp
language sql immutable strict parallel safe
as $$ select value at time zone source at time zone target $$;
create or replace function pg_catalog.convert_timezone(target text, value timestamp) returns timestamp
language sql immutable strict parallel safe
as $$ select pg_catalog.convert_timezone('UTC', target, value) $$;

-- Numbers.

create or replace function pg_catalog.dexp(double precision) returns double precision language sql immutable strict parallel safe
as $$ select exp($1) $$;
create or replace function pg_catalog.dlog1(double precision) returns double precision language sql immutable strict parallel safe
as $$ select ln($1) $$;
create or replace function pg_catalog.dlog10(double precision) returns double precision language sql immutable strict parallel safe
as $$ select log($1) $$;

-- JSON in text, and SUPER.

create or replace function pg_catalog.wf_json(value text, null_if_invalid boolean) returns json
language plpgsql immutable strict parallel safe
as $$
begin
    return value::json;
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
as $$ select pg_catalog.wf_json(value, false)::jsonb $$;
create or replace function pg_catalog.json_serialize(value jsonb) returns varchar
language sql immutable parallel safe
as $$ select coalesce(pg_catalog.wf_compact(value), 'null')::varchar $$;
create or replace function pg_catalog.json_typeof(value jsonb) returns varchar
language sql immutable strict parallel safe
as $$ select jsonb_typeof(value)::varchar $$;
create or replace function pg_catalog.json_size(value jsonb) returns integer
language sql immutable strict parallel safe
as $$ select octet_length(pg_catalog.wf_compact(value)) $$;
create or replace function pg_catalog.get_array_length(value jsonb) returns integer
language sql immutable strict parallel safe
as $$ select case jsonb_typeof(value) when 'array' then jsonb_array_length(value) end $$;
create or replace function pg_catalog.is_array(value jsonb) returns boolean language sql immutable strict parallel safe
as $$ select jsonb_typeof(value) = 'array' $$;
create or replace function pg_catalog.is_object(value jsonb) returns boolean language sql immutable strict parallel safe
as $$ select jsonb_typeof(value) = 'object' $$;
create or replace function pg_catalog.is_scalar(value jsonb) returns boolean language sql immutable strict parallel safe
as $$ select jsonb_typeof(value) not in ('array', 'object', 'null') $$;
create or replace function pg_catalog.is_varchar(value jsonb) returns boolean language sql immutable strict parallel safe
as $$ select jsonb_typeof(value) = 'string' $$;

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
