-- VARCHAR(n), CHAR(n) and VARBYTE(n) hold n bytes (redshift-facts §6.1), where the engine counts characters. Whenever a value
-- gets a length, by a cast, by assignment to a column or by ALTER COLUMN TYPE, the engine calls the function that
-- pg_cast names: here ours. A value that fits comes back at once; the engine leaves the call away where the length is
-- known to suffice. They stay calls in the plan, because the result's column gets its length from them.

create or replace function pg_internal.wf_cut(value text, size integer) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog
as $$
declare
    bytes varbyte := convert_to(value, 'utf8');
begin
    -- The second and later bytes of a character begin with the bits 10.
    while size > 0 and get_byte(bytes, size) & 192 = 128 loop
        size := size - 1;
    end loop;
    return convert_from(substring(bytes for size), 'utf8');
end
$$;

-- Blanks alone may fall off without a cast.
create or replace function pg_catalog.wf_varchar(value varchar, typmod integer, explicit boolean) returns varchar
language plpgsql immutable strict parallel safe cost 1 support pg_catalog.varchar_support
as $$
begin
    if typmod < 4 or pg_catalog.octet_length(value) <= typmod - 4 then
        return value;
    end if;
    if not explicit and pg_catalog.octet_length(pg_catalog.rtrim(value, ' ')) > typmod - 4 then
        raise exception using errcode = '22001', message = pg_catalog.format('value too long for type character varying(%s)', typmod - 4);
    end if;
    return pg_internal.wf_cut(value, typmod - 4);
end
$$;

create or replace function pg_catalog.wf_char(value character, typmod integer, explicit boolean) returns character
language plpgsql immutable strict parallel safe cost 1
as $$
declare
    bare text := value;
begin
    if typmod < 4 or pg_catalog.octet_length(bare) = pg_catalog.length(bare) then
        return pg_catalog.bpchar(value, typmod, explicit);
    end if;
    if pg_catalog.octet_length(bare) > typmod - 4 then
        if not explicit then
            raise exception using errcode = '22001', message = pg_catalog.format('value too long for type character(%s)', typmod - 4);
        end if;
        bare := pg_internal.wf_cut(bare, typmod - 4);
    end if;
    return bare || pg_catalog.repeat(' ', typmod - 4 - pg_catalog.octet_length(bare));
end
$$;

create or replace function pg_catalog.wf_varbyte(value varbyte, typmod integer, explicit boolean) returns varbyte
language plpgsql immutable strict parallel safe cost 1
as $$
begin
    if typmod < 0 or pg_catalog.octet_length(value) <= typmod then
        return value;
    end if;
    if not explicit then
        raise exception using errcode = '22001', message = pg_catalog.format('value too long for type varbyte(%s)', typmod);
    end if;
    return pg_catalog.substring(value, 1, typmod);
end
$$;

update pg_cast set castfunc = 'pg_catalog.wf_varchar(varchar, integer, boolean)'::regprocedure
where castsource = 'varchar'::regtype and casttarget = 'varchar'::regtype;
update pg_cast set castfunc = 'pg_catalog.wf_char(character, integer, boolean)'::regprocedure
where castsource = 'character'::regtype and casttarget = 'character'::regtype;
do $$
begin
    if not exists (select from pg_cast where castsource = 17 and casttarget = 17) then
        create cast (varbyte as varbyte) with function pg_catalog.wf_varbyte(varbyte, integer, boolean) as implicit;
    end if;
end
$$;
