-- VARCHAR(n), CHAR(n) and VARBYTE(n) hold n bytes, where the engine counts characters (redshift-facts §6.1). When a
-- value gets a length, by a cast, an assignment to a column or ALTER COLUMN TYPE, the engine calls the function
-- that pg_cast names: the functions of this file. The engine skips the call where the length is known to suffice.

-- The longest beginning of a text that fits in `size` bytes and ends with a whole character.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_truncate(value text, size integer) returns text
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

-- VARCHAR(n) holds n bytes: a cast cuts, an assignment refuses what is longer, trailing blanks aside.
-- Source: redshift-facts §6.1.
create or replace function pg_catalog.wf_varchar(value varchar, typmod integer, explicit boolean)
returns varchar
language plpgsql immutable strict parallel safe cost 1 support pg_catalog.varchar_support
as $$
begin
    if typmod < 4 or pg_catalog.octet_length(value) <= typmod - 4 then
        return value;
    end if;
    if not explicit and pg_catalog.octet_length(pg_catalog.rtrim(value, ' ')) > typmod - 4 then
        raise exception using
            errcode = '22001',
            message = pg_catalog.format('value too long for type character varying(%s)', typmod - 4);
    end if;
    return pg_internal.wf_truncate(value, typmod - 4);
end
$$;

-- CHAR(n) holds n bytes and is filled up with blanks. Source: redshift-facts §6.1.
create or replace function pg_catalog.wf_char(value character, typmod integer, explicit boolean)
returns character
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
            raise exception using
                errcode = '22001',
                message = pg_catalog.format('value too long for type character(%s)', typmod - 4);
        end if;
        bare := pg_internal.wf_truncate(bare, typmod - 4);
    end if;
    return bare || pg_catalog.repeat(' ', typmod - 4 - pg_catalog.octet_length(bare));
end
$$;

-- VARBYTE(n) holds n bytes; the text of the refusal is unverified. Source: redshift-facts §6.1.
create or replace function pg_catalog.wf_varbyte(value varbyte, typmod integer, explicit boolean)
returns varbyte
language plpgsql immutable strict parallel safe cost 1
as $$
begin
    if typmod < 0 or pg_catalog.octet_length(value) <= typmod then
        return value;
    end if;
    if not explicit then
        raise exception using
            errcode = '22001',
            message = pg_catalog.format('value too long for type varbyte(%s)', typmod);
    end if;
    return pg_catalog.substring(value, 1, typmod);
end
$$;

-- The engine's length casts of VARCHAR and CHAR call the functions above; VARBYTE gets one.
update pg_cast
set castfunc = 'pg_catalog.wf_varchar(varchar, integer, boolean)'::regprocedure
where castsource = 'varchar'::regtype and casttarget = 'varchar'::regtype;

update pg_cast
set castfunc = 'pg_catalog.wf_char(character, integer, boolean)'::regprocedure
where castsource = 'character'::regtype and casttarget = 'character'::regtype;

do $$
begin
    if not exists (select from pg_cast where castsource = 17 and casttarget = 17) then
        create cast (varbyte as varbyte)
            with function pg_catalog.wf_varbyte(varbyte, integer, boolean)
            as implicit;
    end if;
end
$$;
