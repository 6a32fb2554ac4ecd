-- DROP USER, and what users, groups and roles share when they are dropped.

-- What keeps a user, group or role from being dropped, in this database or among what all databases share: 'object'
-- when it owns one, 'privilege' when it holds one, NULL for nothing. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_blocking_dependency(who oid) returns text
language sql stable set search_path = pg_catalog
as $$
    select case
        when bool_or(deptype = 'o' and classid <> 'pg_default_acl'::regclass) then 'object'
        when count(*) > 0 then 'privilege'
    end
    from pg_shdepend
    where refclassid = 'pg_authid'::regclass
        and refobjid = who
        and deptype in ('o', 'a')
        and dbid in (0, (select oid from pg_database where datname = current_database()))
$$;

-- Drops a role of the engine. Other databases are not checked: when the role still owns something there, it stays
-- under another name as an owner whom Redshift does not know. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_drop_engine_role(who oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    name text := (select rolname from pg_roles where oid = who);
begin
    if exists (
        select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = who
    ) then
        delete from pg_auth_members where member = who or roleid = who;
        perform pg_internal.wf_set_properties(who, '{}');
        execute format('alter role %I reset all', name);
        execute format('alter role %I nologin', name);
        execute format('alter role %I rename to %I', name, 'wf_dropped_' || who);
    else
        execute format('drop role %I', name);
    end if;
end
$$;

-- DROP USER [IF EXISTS]. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_drop_user(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    name text;
    who oid;
    obstacle text;
begin
    if not pg_internal.wf_holds('DROP USER') then
        raise exception using errcode = '42501', message = 'must be superuser to drop users';
    end if;
    for name in select jsonb_array_elements_text(request -> 'names') loop
        who := pg_internal.wf_user_oid(name);
        if who is null and (request ->> 'if_exists')::boolean then
            raise notice 'user "%" does not exist, skipping', name;
            continue;
        end if;
        who := pg_internal.wf_known_user(name);
        if who = pg_internal.wf_caller() then
            raise exception using errcode = '55006', message = 'current user cannot be dropped';
        end if;
        if who = 10
            or (
                pg_internal.wf_is_superuser(who)
                and not pg_internal.wf_is_superuser(pg_internal.wf_caller())
            )
        then
            raise exception using
                errcode = '42501',
                message = 'must be superuser to drop superusers';
        end if;
        obstacle := pg_internal.wf_blocking_dependency(who);
        if obstacle is not null then
            raise exception using
                errcode = '55006',
                message = format(
                    'user "%s" can''t be dropped because the user %s',
                    name,
                    case obstacle
                        when 'object' then 'owns some object'
                        else 'has a privilege on some object'
                    end
                );
        end if;
        perform pg_internal.wf_drop_engine_role(who);
    end loop;
end
$$;
