-- How SUPER values compare, and the casts and operators made of the functions of both files.

-- The order of two SUPER values, for ORDER BY, MIN and MAX (redshift-facts §6.2). Two values are equal
-- when they mean the same, in whatever order their keys are written. Source: unverified.
create or replace function pg_catalog.wf_super_order(one json, other json) returns integer
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) $$;

-- The hash of a SUPER value, for GROUP BY and joins. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_hash(value json) returns integer
language sql immutable strict parallel safe
as $$ select jsonb_hash(value::jsonb) $$;

-- SUPER < SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_lt(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) < 0 $$;

-- SUPER <= SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_le(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) <= 0 $$;

-- SUPER = SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_eq(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) = 0 $$;

-- SUPER <> SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_ne(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) <> 0 $$;

-- SUPER >= SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_ge(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) >= 0 $$;

-- SUPER > SUPER. Source: sandbox, internal.
create or replace function pg_catalog.wf_super_gt(one json, other json) returns boolean
language sql immutable strict parallel safe
as $$ select jsonb_cmp(one::jsonb, other::jsonb) > 0 $$;

-- The casts, operators and operator classes of SUPER, made once.
do $$
begin
    if not exists (select from pg_cast where castsource = 'text'::regtype and casttarget = 'json'::regtype) then
        create cast (text as json) with function pg_catalog.wf_scalar(text) as assignment;
        create cast (varchar as json) with function pg_catalog.wf_scalar(varchar) as assignment;
        create cast (character as json) with function pg_catalog.wf_scalar(character) as assignment;
        create cast (bigint as json) with function pg_catalog.wf_scalar(bigint) as assignment;
        create cast (integer as json) with function pg_catalog.wf_scalar(integer) as assignment;
        create cast (numeric as json) with function pg_catalog.wf_scalar(numeric) as assignment;
        create cast (double precision as json) with function pg_catalog.wf_scalar(double precision) as assignment;
        create cast (boolean as json) with function pg_catalog.wf_scalar(boolean) as assignment;
        create cast (json as text) with function pg_catalog.wf_plain(json) as assignment;
        create cast (json as varchar) with function pg_catalog.wf_plain_varchar(json) as assignment;
        create cast (json as smallint) with function pg_catalog.wf_to_int2(json);
        create cast (json as integer) with function pg_catalog.wf_to_int4(json);
        create cast (json as bigint) with function pg_catalog.wf_to_int8(json);
        create cast (json as numeric) with function pg_catalog.wf_to_numeric(json);
        create cast (json as real) with function pg_catalog.wf_to_float4(json);
        create cast (json as double precision) with function pg_catalog.wf_to_float8(json);
        create cast (json as boolean) with function pg_catalog.wf_to_bool(json);
        create operator pg_catalog.< (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_lt,
            commutator = operator(pg_catalog.>),
            negator = operator(pg_catalog.>=),
            restrict = scalarltsel,
            join = scalarltjoinsel
        );
        create operator pg_catalog.<= (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_le,
            commutator = operator(pg_catalog.>=),
            negator = operator(pg_catalog.>),
            restrict = scalarlesel,
            join = scalarlejoinsel
        );
        create operator pg_catalog.= (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_eq,
            commutator = operator(pg_catalog.=),
            negator = operator(pg_catalog.<>),
            restrict = eqsel,
            join = eqjoinsel,
            hashes,
            merges
        );
        create operator pg_catalog.<> (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_ne,
            commutator = operator(pg_catalog.<>),
            negator = operator(pg_catalog.=),
            restrict = neqsel,
            join = neqjoinsel
        );
        create operator pg_catalog.>= (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_ge,
            commutator = operator(pg_catalog.<=),
            negator = operator(pg_catalog.<),
            restrict = scalargesel,
            join = scalargejoinsel
        );
        create operator pg_catalog.> (
            leftarg = json,
            rightarg = json,
            function = pg_catalog.wf_super_gt,
            commutator = operator(pg_catalog.<),
            negator = operator(pg_catalog.<=),
            restrict = scalargtsel,
            join = scalargtjoinsel
        );
        create operator class pg_catalog.super_ops
            default for type json using btree as
            operator 1 <,
            operator 2 <=,
            operator 3 =,
            operator 4 >=,
            operator 5 >,
            function 1 pg_catalog.wf_super_order(json, json);
        create operator class pg_catalog.super_ops
            default for type json using hash as
            operator 1 =,
            function 1 pg_catalog.wf_super_hash(json);
    end if;
end
$$;
