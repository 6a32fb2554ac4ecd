-- Aggregates. Over integers AVG and SUM give BIGINT, so AVG loses its fraction and SUM can overflow; STDDEV and
-- VARIANCE give double precision (redshift-facts §6.2): their numeric forms are set aside and the engine's float8
-- ones remain.

-- The last step of AVG over integers: the quotient without its fraction. Source: redshift-facts §6.2.
create or replace function pg_catalog.wf_avg(state bigint[]) returns bigint
language sql immutable strict parallel safe
as $$ select case state[1] when 0 then null else state[2] / state[1] end $$;

-- A step of AVG over BIGINT: count and sum, which can overflow. Source: redshift-facts §6.2.
create or replace function pg_catalog.wf_avg_step(state bigint[], value bigint) returns bigint[]
language sql immutable strict parallel safe
as $$ select array[state[1] + 1, state[2] + value] $$;

-- AVG(SMALLINT) gives BIGINT. Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.avg(smallint) (
    sfunc = int2_avg_accum,
    stype = bigint[],
    initcond = '{0,0}',
    finalfunc = pg_catalog.wf_avg,
    combinefunc = int4_avg_combine,
    parallel = safe
);

-- AVG(INTEGER) gives BIGINT. Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.avg(integer) (
    sfunc = int4_avg_accum,
    stype = bigint[],
    initcond = '{0,0}',
    finalfunc = pg_catalog.wf_avg,
    combinefunc = int4_avg_combine,
    parallel = safe
);

-- AVG(BIGINT) gives BIGINT. Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.avg(bigint) (
    sfunc = pg_catalog.wf_avg_step,
    stype = bigint[],
    initcond = '{0,0}',
    finalfunc = pg_catalog.wf_avg,
    parallel = safe
);

-- SUM(BIGINT) gives BIGINT and can overflow. Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.sum(bigint) (
    sfunc = int8pl,
    stype = bigint,
    combinefunc = int8pl,
    parallel = safe
);

-- A step of MIN over SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_smaller(json, json) returns json
language sql immutable strict parallel safe
as $$ select case when $1 <= $2 then $1 else $2 end $$;

-- A step of MAX over SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_larger(json, json) returns json
language sql immutable strict parallel safe
as $$ select case when $1 >= $2 then $1 else $2 end $$;

-- MIN(SUPER). Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.min(json) (
    sfunc = pg_catalog.wf_smaller,
    stype = json
);

-- MAX(SUPER). Source: redshift-facts §6.2.
create or replace aggregate pg_catalog.max(json) (
    sfunc = pg_catalog.wf_larger,
    stype = json
);

-- LISTAGG holds at most 65535 bytes. The dialect rewrites LISTAGG to this function around string_agg.
-- Source: redshift-facts §6.2.
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

-- MEDIAN. The dialect rewrites it to this function around percentile_cont, so that the column is named median.
-- Source: redshift-facts §6.2.
create or replace function pg_catalog.median(value double precision) returns double precision
language sql immutable strict parallel safe
as $$ select value $$;

-- The same for intervals. Source: unverified.
create or replace function pg_catalog.median(value interval) returns interval
language sql immutable strict parallel safe
as $$ select value $$;

-- HLL. The dialect rewrites it to this function around an exact count, which is within the error of about 2 %.
-- Source: redshift-facts §6.2.
create or replace function pg_catalog.hll(value bigint) returns bigint
language sql immutable parallel safe
as $$ select value $$;
