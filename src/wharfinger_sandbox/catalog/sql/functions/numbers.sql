-- Functions of numbers.

-- STRTOL: the number that digits of a base spell. Source: unverified.
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
        raise exception using
            errcode = '22023',
            message = format('Invalid base %s, it must be between 2 and 36', base);
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
            raise exception using
                errcode = '22023',
                message = format(
                    'The input %s is not valid to be converted to base %s', digits, base
                );
        end if;
        total := total * base + value;
    end loop;
    return sign * total;
end
$$;

-- DEXP is EXP of double precision. Source: unverified.
create or replace function pg_catalog.dexp(double precision) returns double precision
language sql immutable strict parallel safe
as $$ select exp($1) $$;

-- DLOG1 is the natural logarithm. Source: unverified.
create or replace function pg_catalog.dlog1(double precision) returns double precision
language sql immutable strict parallel safe
as $$ select ln($1) $$;

-- DLOG10 is the logarithm to base 10. Source: unverified.
create or replace function pg_catalog.dlog10(double precision) returns double precision
language sql immutable strict parallel safe
as $$ select log($1) $$;
