-- Column encodings, sort keys and distribution styles as the system views show them.

-- The encoding of a column: as recorded, none for sort keys, else the default of its type. Source: unverified.
create or replace function pg_internal.wf_encoding(
    noted text,
    type oid,
    sortkeys smallint[],
    number smallint
) returns text
language sql immutable parallel safe
as $$
    select case
        when noted is not null then noted
        when number = any (sortkeys) then 'none'
        when type in (21, 23, 20, 1700, 1082, 1114, 1184, 1083, 1266) then 'az64'
        when type in (16, 700, 701) then 'none'
        else 'lzo'
    end
$$;

-- The number of an encoding in pg_attribute.attencodingtype. Source: unverified.
create or replace function pg_internal.wf_encoding_number(encoding text) returns integer
language sql immutable parallel safe
as $$
    select coalesce(
        array_position(
            array[
                'none', 'bytedict', 'delta', 'lzo', 'runlength', 'mostly8', 'mostly16', 'mostly32',
                'text255', 'text32k', 'delta32k', 'zstd', 'az64'
            ],
            encoding
        ) - 1,
        0
    )
$$;

-- FORMAT_ENCODING: the name of an encoding's number, which the drivers' queries call. Source: unverified.
create or replace function pg_catalog.format_encoding(number integer) returns text
language sql immutable parallel safe
as $$
    select (
        array[
            'none', 'bytedict', 'delta', 'lzo', 'runlength', 'mostly8', 'mostly16', 'mostly32',
            'text255', 'text32k', 'delta32k', 'zstd', 'az64'
        ]
    )[number + 1]
$$;

-- A column's place in the sort key: 0 outside of it, with alternating signs in an interleaved one.
-- Source: redshift-facts §5.2.
create or replace function pg_internal.wf_sort_position(
    style text,
    sortkeys smallint[],
    number smallint
) returns integer
language sql immutable parallel safe
as $$
    select coalesce(array_position(sortkeys, number), 0) * case
        when style = 'interleaved' and array_position(sortkeys, number) % 2 = 0 then -1
        else 1
    end
$$;

-- The number of a distribution style in pg_class.reldiststyle: 0 even, 1 key, 8 all, 10 automatic.
-- Source: unverified.
create or replace function pg_internal.wf_diststyle_number(relkind "char", diststyle text)
returns smallint
language sql immutable parallel safe
as $$
    select case
        when relkind not in ('r', 'm') then 0
        else case diststyle
            when 'even' then 0
            when 'key' then 1
            when 'all' then 8
            else 10
        end
    end::smallint
$$;
