-- GETDATE and SYSDATE, and DATEADD and DATEDIFF with their date parts.

-- GETDATE: the statement's time in whole seconds, without time zone. Source: redshift-facts §3.2, §6.3.
create or replace function pg_catalog.getdate() returns timestamp
language sql stable parallel safe
as $$ select date_trunc('second', statement_timestamp() at time zone 'UTC') $$;

-- SYSDATE: the transaction's time, without time zone. Source: redshift-facts §6.3.
create or replace function pg_catalog.sysdate() returns timestamp
language sql stable parallel safe
as $$ select transaction_timestamp() at time zone 'UTC' $$;

-- The one spelling of a date part, from any that Redshift takes; an error for other words. Source: unverified.
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
        when 'millisecond', 'milliseconds', 'ms', 'msec', 'msecs', 'msecond', 'mseconds',
            'millisec', 'millisecs', 'millisecon'
        then
            return 'millisecond';
        when 'microsecond', 'microseconds', 'microsec', 'microsecs', 'microsecond', 'usecond',
            'useconds', 'us', 'usec', 'usecs'
        then
            return 'microsecond';
        else
            raise exception using errcode = '22023', message = format('unknown date part "%s"', part);
    end case;
end
$$;

-- The interval of `amount` date parts. Source: sandbox, internal.
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
        else interval '1 microsecond' * amount
    end
$$;

-- DATEADD to a TIMESTAMP. Source: unverified.
create or replace function pg_catalog.dateadd(part text, amount bigint, start timestamp)
returns timestamp
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;

-- DATEADD to a DATE, which gives a TIMESTAMP. Source: unverified.
create or replace function pg_catalog.dateadd(part text, amount bigint, start date)
returns timestamp
language sql immutable strict parallel safe
as $$ select start::timestamp + pg_internal.wf_interval(part, amount) $$;

-- DATEADD to a TIMESTAMPTZ. Source: unverified.
create or replace function pg_catalog.dateadd(part text, amount bigint, start timestamptz)
returns timestamptz
language sql stable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;

-- DATEADD to a TIME. Source: unverified.
create or replace function pg_catalog.dateadd(part text, amount bigint, start time) returns time
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;

-- DATEADD to a TIMETZ. Source: unverified.
create or replace function pg_catalog.dateadd(part text, amount bigint, start timetz) returns timetz
language sql immutable strict parallel safe
as $$ select start + pg_internal.wf_interval(part, amount) $$;

-- DATEDIFF counts the boundaries of the part between two moments, not the time between them. A week begins on Monday,
-- as for DATE_TRUNC; that DATEDIFF agrees is unverified. Source: unverified.
create or replace function pg_catalog.datediff(part text, start timestamp, finish timestamp)
returns bigint
language sql immutable strict parallel safe
as $$
    select case unit
        when 'millennium' then extract(millennium from finish) - extract(millennium from start)
        when 'century' then extract(century from finish) - extract(century from start)
        when 'decade' then extract(decade from finish) - extract(decade from start)
        when 'year' then extract(year from finish) - extract(year from start)
        when 'quarter'
            then (extract(year from finish) - extract(year from start)) * 4
                + extract(quarter from finish) - extract(quarter from start)
        when 'month'
            then (extract(year from finish) - extract(year from start)) * 12
                + extract(month from finish) - extract(month from start)
        when 'week'
            then (date_trunc('week', finish)::date - date_trunc('week', start)::date) / 7
        when 'day' then finish::date - start::date
        when 'hour'
            then extract(epoch from date_trunc('hour', finish) - date_trunc('hour', start)) / 3600
        when 'minute'
            then extract(epoch from date_trunc('minute', finish) - date_trunc('minute', start)) / 60
        when 'second'
            then extract(epoch from date_trunc('second', finish) - date_trunc('second', start))
        when 'millisecond'
            then extract(epoch from date_trunc('milliseconds', finish) - date_trunc('milliseconds', start)) * 1000
        else extract(epoch from finish - start) * 1000000
    end::bigint
    from (select pg_internal.wf_datepart(part) as unit) parts
$$;

-- DATEDIFF of DATE. Source: unverified.
create or replace function pg_catalog.datediff(part text, start date, finish date) returns bigint
language sql immutable strict parallel safe
as $$ select pg_catalog.datediff(part, start::timestamp, finish::timestamp) $$;

-- DATEDIFF of TIMESTAMPTZ. Source: unverified.
create or replace function pg_catalog.datediff(part text, start timestamptz, finish timestamptz)
returns bigint
language sql stable strict parallel safe
as $$ select pg_catalog.datediff(part, start::timestamp, finish::timestamp) $$;

-- DATEDIFF of TIME. Source: unverified.
create or replace function pg_catalog.datediff(part text, start time, finish time) returns bigint
language sql immutable strict parallel safe
as $$
    select pg_catalog.datediff(part, date '2000-01-01' + start, date '2000-01-01' + finish)
$$;
