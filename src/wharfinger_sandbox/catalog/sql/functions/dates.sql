-- Other functions of dates and times. Results follow the examples of the AWS documentation.

-- DATE_TRUNC of a DATE gives a TIMESTAMP without time zone, where the engine gives TIMESTAMPTZ. Source: unverified.
create or replace function pg_catalog.date_trunc(part text, value date) returns timestamp
language sql immutable strict parallel safe
as $$ select date_trunc(part, value::timestamp) $$;

-- TRUNC of a TIMESTAMP gives its date. Source: unverified.
create or replace function pg_catalog.trunc(value timestamp) returns date
language sql immutable strict parallel safe
as $$ select value::date $$;

-- The same for TIMESTAMPTZ. Source: unverified.
create or replace function pg_catalog.trunc(value timestamptz) returns date
language sql stable strict parallel safe
as $$ select value::date $$;

-- The same for DATE. Source: unverified.
create or replace function pg_catalog.trunc(value date) returns date
language sql immutable strict parallel safe
as $$ select value $$;

-- LAST_DAY of the month. Source: unverified.
create or replace function pg_catalog.last_day(value timestamp) returns date
language sql immutable strict parallel safe
as $$ select (date_trunc('month', value) + interval '1 month - 1 day')::date $$;

-- ADD_MONTHS: the last day of a month stays a last day. Source: unverified.
create or replace function pg_catalog.add_months(value timestamp, months integer) returns timestamp
language sql immutable strict parallel safe
as $$
    select case
        when pg_catalog.last_day(value) = value::date
            then pg_catalog.last_day(date_trunc('month', value) + make_interval(months => months))
                + value::time
        else value + make_interval(months => months)
    end
$$;

-- MONTHS_BETWEEN: whole months between equal days or two last days of a month, otherwise a fraction of 31 days.
-- Source: unverified.
create or replace function pg_catalog.months_between(finish timestamp, start timestamp)
returns double precision
language sql immutable strict parallel safe
as $$
    select (
        pg_catalog.datediff('month', start, finish)
        + case
            when extract(day from finish) = extract(day from start)
                or pg_catalog.last_day(finish) = finish::date
                    and pg_catalog.last_day(start) = start::date
                then 0
            else (
                extract(
                    epoch from (finish - date_trunc('month', finish)) - (start - date_trunc('month', start))
                )
                / 86400
                / 31
            )
        end
    )::double precision
$$;

-- NEXT_DAY: the first such day of the week after the date. Source: unverified.
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

-- DATE_PART_YEAR. Source: unverified.
create or replace function pg_catalog.date_part_year(value date) returns integer
language sql immutable strict parallel safe
as $$ select extract(year from value)::int $$;

-- DATE_CMP: -1, 0 or 1. Source: unverified.
create or replace function pg_catalog.date_cmp(date, date) returns integer
language sql immutable strict parallel safe
as $$ select case when $1 < $2 then -1 when $1 > $2 then 1 else 0 end $$;

-- TIMESTAMP_CMP_DATE: -1, 0 or 1. Source: unverified.
create or replace function pg_catalog.timestamp_cmp_date(timestamp, date) returns integer
language sql immutable strict parallel safe
as $$ select case when $1 < $2 then -1 when $1 > $2 then 1 else 0 end $$;

-- CONVERT_TIMEZONE from one time zone to another. Source: unverified.
create or replace function pg_catalog.convert_timezone(source text, target text, value timestamp)
returns timestamp
language sql immutable strict parallel safe
as $$ select value at time zone source at time zone target $$;

-- CONVERT_TIMEZONE from UTC. Source: unverified.
create or replace function pg_catalog.convert_timezone(target text, value timestamp)
returns timestamp
language sql immutable strict parallel safe
as $$ select pg_catalog.convert_timezone('UTC', target, value) $$;
