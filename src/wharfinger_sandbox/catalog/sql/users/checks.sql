-- Checks that the user procedures share. The texts of refusals come from redshift-facts §4.1; where it has none,
-- they are those of PostgreSQL 8.0, from which Redshift comes.

-- Refuses a caller who is no superuser, in the words of PostgreSQL 8.0. Source: unverified.
create or replace function pg_internal.wf_must_be_superuser(what text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using errcode = '42501', message = 'must be superuser to ' || what;
    end if;
end
$$;

-- Whether the caller holds a system privilege: as a superuser or through one of its roles.
-- Source: redshift-facts §4.1.
create or replace function pg_internal.wf_holds(privilege text) returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select pg_internal.wf_is_superuser(pg_internal.wf_caller())
        or exists (
            select
            from pg_authid r
            where left(r.rolname, 2) = 'r/'
                and r.rolpassword is not null
                and pg_internal.wf_parsed(r.rolpassword)::jsonb -> 'privileges' ? privilege
                and pg_has_role(pg_internal.wf_caller(), r.oid, 'member')
        )
$$;

-- Refuses a caller without the system privilege. The text is unverified. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_must_hold(privilege text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_holds(privilege) then
        raise exception using
            errcode = '42501',
            message = 'permission denied, ' || privilege || ' privilege is needed';
    end if;
end
$$;

-- The user of that name, or Redshift's error. The text is that of PostgreSQL 8.0. Source: unverified.
create or replace function pg_internal.wf_known_user(name text) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid := pg_internal.wf_user_oid(name);
begin
    if found_oid is null then
        raise exception using errcode = '42704', message = format('user "%s" does not exist', name);
    end if;
    return found_oid;
end
$$;

-- The group of that name, or Redshift's error. The text is that of PostgreSQL 8.0. Source: unverified.
create or replace function pg_internal.wf_known_group(name text) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid := pg_internal.wf_group_oid(name);
begin
    if found_oid is null then
        raise exception using
            errcode = '42704',
            message = format('group "%s" does not exist', name);
    end if;
    return found_oid;
end
$$;

-- The role of that name, or Redshift's error. Source: unverified.
create or replace function pg_internal.wf_known_role(name text) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid := pg_internal.wf_role_oid(name);
begin
    if found_oid is null then
        raise exception using
            errcode = '42704',
            message = format('role "r/%s" does not exist', name);
    end if;
    return found_oid;
end
$$;
