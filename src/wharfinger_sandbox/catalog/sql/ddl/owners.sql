-- ALTER … OWNER TO.

-- ALTER … OWNER TO. The engine asks more of a new owner than Redshift does when a superuser decides.
-- Source: unverified.
create or replace procedure pg_catalog.wf_change_owner(kind text, object text, owner text)
language plpgsql
as $$
begin
    if kind in ('schema', 'database') then
        perform pg_catalog.wf_change_owner_of(kind, object, owner);
    elsif kind in ('function', 'procedure') then
        perform pg_catalog.wf_change_owner_of(
            kind, (object::pg_catalog.regprocedure::pg_catalog.oid)::text, owner
        );
    else
        perform pg_catalog.wf_change_owner_of(
            case (select relkind from pg_catalog.pg_class where oid = object::pg_catalog.regclass)
                when 'v' then 'view'
                when 'm' then 'materialized view'
                when 'f' then 'foreign table'
                else 'table'
            end,
            (object::pg_catalog.regclass::pg_catalog.oid)::text,
            owner
        );
    end if;
end
$$;

-- The same with the rights it needs, for superusers. `object` is the quoted name of a schema or database, the
-- number of a relation or routine. Source: sandbox, internal.
create or replace function pg_catalog.wf_change_owner_of(kind text, object text, owner text)
returns void
language plpgsql security definer set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using
            errcode = '42501',
            message = format('must be superuser to change the owner of a %s', kind);
    end if;
    if kind not in (
        'table', 'view', 'materialized view', 'foreign table', 'schema', 'database', 'function',
        'procedure'
    ) then
        raise exception using errcode = '0A000', message = 'unknown kind of object';
    end if;
    perform pg_internal.wf_known_user(owner);
    execute format(
        'alter %s %s owner to %I',
        kind,
        case
            when kind in ('schema', 'database') then quote_ident((parse_ident(object))[1])
            when kind in ('function', 'procedure') then object::oid::regprocedure::text
            else object::oid::regclass::text
        end,
        owner
    );
end
$$;
