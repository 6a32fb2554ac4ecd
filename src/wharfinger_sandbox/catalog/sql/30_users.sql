-- Users, groups and their members. Every procedure runs with its owner's rights and checks those of its caller; it is
-- one statement of the caller's transaction. The texts of refusals stand in redshift-facts §4.1; where it has none,
-- they are those of PostgreSQL 8.0, from which Redshift comes.

-- Direct membership without GRANT, which knows no circles: two superusers must own each other's things.
create or replace function pg_internal.wf_link(of_role oid, to_member oid, may_set boolean, admin boolean default false)
returns void language sql set search_path = pg_catalog
as $$
    insert into pg_auth_members (oid, roleid, member, grantor, admin_option, inherit_option, set_option)
    select pg_nextoid('pg_auth_members', 'oid', 'pg_auth_members_oid_index'), of_role, to_member, 10, admin, true, may_set
    where of_role <> to_member
        and not exists (select from pg_auth_members where roleid = of_role and member = to_member);
    update pg_auth_members set admin_option = true
    where roleid = of_role and member = to_member and admin and not admin_option
$$;

create or replace function pg_internal.wf_unlink(of_role oid, from_member oid) returns void
language sql set search_path = pg_catalog
as $$ delete from pg_auth_members where roleid = of_role and member = from_member $$;

create or replace function pg_internal.wf_set_superuser(who oid, wanted boolean) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    mark constant oid := 'wf_superuser'::regrole;
    other oid;
begin
    if wanted then
        perform pg_internal.wf_link(mark, who, false);
        for other in select oid from pg_roles where oid <> 10 and pg_internal.wf_kind(oid) = 'user' loop
            perform pg_internal.wf_link(other, who, true);
        end loop;
    else
        delete from pg_auth_members where member = who
            and (roleid = mark or pg_internal.wf_kind(roleid) = 'user');
    end if;
end
$$;

-- Gives every superuser the rights of the new user.
create or replace function pg_internal.wf_adopt(who oid) returns void
language sql set search_path = pg_catalog
as $$
    select pg_internal.wf_link(who, member, true) from pg_auth_members
    where roleid = 'wf_superuser'::regrole and member <> who
$$;

create or replace function pg_internal.wf_must_be_superuser(what text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using errcode = '42501', message = 'must be superuser to ' || what;
    end if;
end
$$;

-- Whether the caller holds a system privilege through one of its roles.
create or replace function pg_internal.wf_holds(privilege text) returns boolean
language sql stable security definer set search_path = pg_catalog
as $$
    select pg_internal.wf_is_superuser(pg_internal.wf_caller()) or exists (
        select from pg_authid r
        where left(r.rolname, 2) = 'r/' and r.rolpassword is not null
            and pg_internal.wf_parsed(r.rolpassword)::jsonb -> 'privileges' ? privilege
            and pg_has_role(pg_internal.wf_caller(), r.oid, 'member'))
$$;

create or replace function pg_internal.wf_must_hold(privilege text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_holds(privilege) then
        raise exception using errcode = '42501', message = 'permission denied, ' || privilege || ' privilege is needed';
    end if;
end
$$;

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

create or replace function pg_internal.wf_known_group(name text) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid := pg_internal.wf_group_oid(name);
begin
    if found_oid is null then
        raise exception using errcode = '42704', message = format('group "%s" does not exist', name);
    end if;
    return found_oid;
end
$$;

create or replace function pg_internal.wf_known_role(name text) returns oid
language plpgsql stable set search_path = pg_catalog
as $$
declare
    found_oid oid := pg_internal.wf_role_oid(name);
begin
    if found_oid is null then
        raise exception using errcode = '42704', message = format('role "r/%s" does not exist', name);
    end if;
    return found_oid;
end
$$;

-- The parts of CREATE USER and ALTER USER that only change the note, and the few that are the engine's own.
create or replace function pg_internal.wf_apply_user_options(who oid, options jsonb) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    about jsonb := pg_internal.wf_about(who) || '{"kind": "user"}';
    kept text;
begin
    foreach kept in array array['password', 'createdb', 'syslog', 'connection_limit', 'session_timeout', 'externalid'] loop
        if options ? kept then
            about := about || jsonb_build_object(kept, options -> kept);
        end if;
    end loop;
    if options ? 'createuser' then
        about := about || jsonb_build_object('superuser', options -> 'createuser');
        perform pg_internal.wf_set_superuser(who, (options ->> 'createuser')::boolean);
    end if;
    if (about #>> '{password,kind}') = 'disabled' and (about ->> 'superuser')::boolean then
        raise exception using errcode = '0A000', message = 'cannot disable password for superuser';
    end if;
    perform pg_internal.wf_note(who, about);
    update pg_authid set rolcreatedb = coalesce((about ->> 'superuser')::boolean or (about ->> 'createdb')::boolean, false),
        rolvaliduntil = case when options ? 'valid_until' then (options ->> 'valid_until')::timestamptz else rolvaliduntil end
    where oid = who;
end
$$;

create or replace function pg_internal.wf_make_user(name text, options jsonb) returns oid
language plpgsql set search_path = pg_catalog
as $$
declare
    who oid;
begin
    if exists (select from pg_roles where rolname = name) then
        raise exception using errcode = '42710', message = format('user "%s" already exists', name);
    end if;
    execute format('create role %I login', name);
    select oid into who from pg_roles where rolname = name;
    perform pg_internal.wf_adopt(who);
    perform pg_internal.wf_apply_user_options(who, options);
    return who;
end
$$;

create or replace procedure pg_catalog.wf_create_user(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    who oid;
    groups text[] := array(select jsonb_array_elements_text(coalesce(request -> 'groups', '[]')));
    one text;
begin
    if not pg_internal.wf_holds('CREATE USER') then
        raise exception using errcode = '42501', message = 'must be superuser to create users';
    end if;
    if (request ->> 'createuser')::boolean then
        perform pg_internal.wf_must_be_superuser('create superusers');
    end if;
    if pg_internal.wf_role_oid(request ->> 'name') is not null then
        raise exception using errcode = '42710', message = format('role "r/%s" already exists', request ->> 'name');
    end if;
    who := pg_internal.wf_make_user(request ->> 'name', request);
    foreach one in array groups loop
        perform pg_internal.wf_link(pg_internal.wf_known_group(one), who, false);
    end loop;
end
$$;

create or replace procedure pg_catalog.wf_alter_user(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    who oid := pg_internal.wf_known_user(request ->> 'name');
    me oid := pg_internal.wf_caller();
begin
    -- One may change one's own password and settings, nothing else.
    if not pg_internal.wf_holds('ALTER USER')
        and not (who = me and not request ?| array['createdb', 'createuser', 'connection_limit', 'valid_until', 'syslog', 'rename'])
    then
        raise exception using errcode = '42501', message = 'permission denied';
    end if;
    if (request ? 'createuser' or pg_internal.wf_is_superuser(who)) and who <> me then
        perform pg_internal.wf_must_be_superuser('alter superusers');
    end if;
    if who = 10 then
        raise exception using errcode = '42501', message = 'permission denied to alter user "rdsdb"';
    end if;
    perform pg_internal.wf_apply_user_options(who, request);
    if request ? 'rename' then
        perform pg_internal.wf_rename_user(who, request ->> 'rename');
    end if;
    perform pg_internal.wf_set_user_settings(request ->> 'name', coalesce(request -> 'settings', '{}'));
end
$$;

create or replace function pg_internal.wf_rename_user(who oid, new_name text) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    if exists (select from pg_roles where rolname = new_name) then
        raise exception using errcode = '42710', message = format('user "%s" already exists', new_name);
    end if;
    execute format('alter role %I rename to %I', pg_internal.wf_name(who), new_name);
    -- An md5 digest holds the old name, so it can match no more (that Redshift clears it is unverified).
    if pg_internal.wf_about(who) #>> '{password,kind}' = 'md5' then
        perform pg_internal.wf_note(who, pg_internal.wf_about(who) || '{"password": {"kind": "none"}}');
    end if;
end
$$;

-- settings: name -> value, null to reset; the name "all" resets every one.
create or replace function pg_internal.wf_set_user_settings(name text, settings jsonb) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    setting record;
begin
    for setting in select key, value from jsonb_each(settings) loop
        if setting.key = 'all' then
            execute format('alter role %I reset all', name);
        elsif setting.value = 'null' then
            execute format('alter role %I reset %s', name, setting.key);
        elsif jsonb_typeof(setting.value) = 'array' then
            execute format('alter role %I set %s to %s', name, setting.key,
                (select string_agg(quote_literal(item), ', ') from jsonb_array_elements_text(setting.value) item));
        else
            execute format('alter role %I set %s to %L', name, setting.key, setting.value #>> '{}');
        end if;
    end loop;
end
$$;

-- What keeps a user or group from being dropped, in this database or among what all databases share: 'object' when it
-- owns one, 'privilege' when it holds one.
create or replace function pg_internal.wf_obstacle(who oid) returns text
language sql stable set search_path = pg_catalog
as $$
    select case when bool_or(deptype = 'o' and classid <> 'pg_default_acl'::regclass) then 'object'
        when count(*) > 0 then 'privilege' end
    from pg_shdepend
    where refclassid = 'pg_authid'::regclass and refobjid = who and deptype in ('o', 'a')
        and dbid in (0, (select oid from pg_database where datname = current_database()))
$$;

-- Objects of other databases are not asked about: they stay, and their owner is nobody Redshift knows.
create or replace function pg_internal.wf_bury(who oid) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    name text := (select rolname from pg_roles where oid = who);
begin
    if exists (select from pg_shdepend where refclassid = 'pg_authid'::regclass and refobjid = who) then
        delete from pg_auth_members where member = who or roleid = who;
        perform pg_internal.wf_note(who, '{}');
        execute format('alter role %I reset all', name);
        execute format('alter role %I nologin', name);
        execute format('alter role %I rename to %I', name, 'wf_dropped_' || who);
    else
        execute format('drop role %I', name);
    end if;
end
$$;

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
        if who = 10 or (pg_internal.wf_is_superuser(who) and not pg_internal.wf_is_superuser(pg_internal.wf_caller())) then
            raise exception using errcode = '42501', message = 'must be superuser to drop superusers';
        end if;
        obstacle := pg_internal.wf_obstacle(who);
        if obstacle is not null then
            raise exception using errcode = '55006', message = format('user "%s" can''t be dropped because the user %s', name,
                case obstacle when 'object' then 'owns some object' else 'has a privilege on some object' end);
        end if;
        perform pg_internal.wf_bury(who);
    end loop;
end
$$;

-- What the front door needs to know of a user before it lets anybody in.
create or replace function pg_internal.wf_login(name text) returns jsonb
language sql stable security definer set search_path = pg_catalog
as $$
    select coalesce((
        select jsonb_build_object(
            'exists', true,
            'superuser', pg_internal.wf_is_superuser(r.oid),
            'password_kind', coalesce(a #>> '{password,kind}', 'none'),
            'digest', a #>> '{password,digest}',
            'valid_until', case when isfinite(r.rolvaliduntil) then to_jsonb(r.rolvaliduntil) end,
            'connection_limit', (a ->> 'connection_limit')::int,
            'session_timeout', (a ->> 'session_timeout')::int,
            'groups', (select coalesce(jsonb_agg(substr(g.rolname, 3) order by g.rolname), '[]')
                from pg_auth_members m join pg_roles g on g.oid = m.roleid
                where m.member = r.oid and left(g.rolname, 2) = 'g/'),
            'case_sensitive', coalesce((select true from pg_db_role_setting s, unnest(s.setconfig) one
                where s.setrole = r.oid and lower(one) in ('redshift.enable_case_sensitive_identifier=true',
                    'redshift.enable_case_sensitive_identifier=on')), false),
            'can_login', r.oid <> 10)
        from pg_authid r, pg_internal.wf_about(r.oid) a
        where r.rolname = name and pg_internal.wf_kind(r.oid) = 'user'),
        '{"exists": false, "superuser": false, "can_login": false}')
$$;

revoke execute on function pg_internal.wf_login(text) from public;

-- Makes the user of an IAM identity at its first login: PUBLIC's rights only, no password.
create or replace procedure pg_internal.wf_ensure_iam_user(name text, superuser boolean default false, groups text[] default '{}')
language plpgsql set search_path = pg_catalog
as $$
declare
    who oid;
    one text;
begin
    perform pg_advisory_xact_lock(4701, hashtext(name));
    who := pg_internal.wf_user_oid(name);
    if who is null then
        who := pg_internal.wf_make_user(name,
            jsonb_build_object('password', jsonb_build_object('kind', 'none'), 'createuser', superuser));
    end if;
    foreach one in array groups loop
        perform pg_internal.wf_link(pg_internal.wf_known_group(one), who, false);
    end loop;
end
$$;

do $$
begin
    perform pg_advisory_xact_lock(4700);
    if pg_internal.wf_user_oid('awsuser') is null then
        perform pg_internal.wf_make_user('awsuser', '{"createuser": true, "createdb": true, "password": {"kind": "none"}}');
    end if;
    call pg_internal.wf_ensure_iam_user('IAM:admin', true);
end
$$;

-- Redshift's schema public is everybody's; an administrator may change that.
alter schema public owner to awsuser;
grant all on schema public to public;
