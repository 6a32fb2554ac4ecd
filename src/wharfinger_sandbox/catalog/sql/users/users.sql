-- CREATE USER and ALTER USER. Each procedure runs with its owner's rights, checks those of its caller, and is one
-- statement of the caller's transaction.

-- The options of CREATE USER and ALTER USER. All but VALID UNTIL and CREATEDB are kept by wf_set_properties. A
-- superuser's password cannot be disabled. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_apply_user_options(who oid, options jsonb) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    about jsonb := pg_internal.wf_properties(who) || '{"kind": "user"}';
    kept text;
begin
    foreach kept in array array[
        'password', 'createdb', 'syslog', 'connection_limit', 'session_timeout', 'externalid'
    ] loop
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
    perform pg_internal.wf_set_properties(who, about);
    update pg_authid
    set
        rolcreatedb = coalesce(
            (about ->> 'superuser')::boolean or (about ->> 'createdb')::boolean, false
        ),
        rolvaliduntil = case
            when options ? 'valid_until' then (options ->> 'valid_until')::timestamptz
            else rolvaliduntil
        end
    where oid = who;
end
$$;

-- Makes a user with these options, and gives every superuser its rights. Source: sandbox, internal.
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
    perform pg_internal.wf_grant_to_superusers(who);
    perform pg_internal.wf_apply_user_options(who, options);
    return who;
end
$$;

-- CREATE USER, by a superuser or a holder of the system privilege CREATE USER. Source: redshift-facts §4.1.
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
        raise exception using
            errcode = '42710',
            message = format('role "r/%s" already exists', request ->> 'name');
    end if;
    who := pg_internal.wf_make_user(request ->> 'name', request);
    foreach one in array groups loop
        perform pg_internal.wf_link(pg_internal.wf_known_group(one), who, false);
    end loop;
end
$$;

-- ALTER USER. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_alter_user(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    who oid := pg_internal.wf_known_user(request ->> 'name');
    me oid := pg_internal.wf_caller();
begin
    -- Without the privilege, users may change only their own password and settings.
    if not pg_internal.wf_holds('ALTER USER')
        and not (
            who = me
            and not request ?| array[
                'createdb', 'createuser', 'connection_limit', 'valid_until', 'syslog', 'rename'
            ]
        )
    then
        raise exception using errcode = '42501', message = 'permission denied';
    end if;
    if (request ? 'createuser' or pg_internal.wf_is_superuser(who)) and who <> me then
        perform pg_internal.wf_must_be_superuser('alter superusers');
    end if;
    if who = 10 then
        raise exception using
            errcode = '42501',
            message = 'permission denied to alter user "rdsdb"';
    end if;
    perform pg_internal.wf_apply_user_options(who, request);
    if request ? 'rename' then
        perform pg_internal.wf_rename_user(who, request ->> 'rename');
    end if;
    perform pg_internal.wf_set_user_settings(
        request ->> 'name', coalesce(request -> 'settings', '{}')
    );
end
$$;

-- ALTER USER … RENAME TO. Source: redshift-facts §4.1.
create or replace function pg_internal.wf_rename_user(who oid, new_name text) returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    if exists (select from pg_roles where rolname = new_name) then
        raise exception using
            errcode = '42710',
            message = format('user "%s" already exists', new_name);
    end if;
    execute format('alter role %I rename to %I', pg_internal.wf_name(who), new_name);
    -- An md5 digest includes the old name, so it cannot match any more. That Redshift clears it is unverified.
    if pg_internal.wf_properties(who) #>> '{password,kind}' = 'md5' then
        perform pg_internal.wf_set_properties(
            who, pg_internal.wf_properties(who) || '{"password": {"kind": "none"}}'
        );
    end if;
end
$$;

-- ALTER USER … SET and RESET. `settings` gives each name its value, or null to reset it; the name "all" resets
-- every one. Source: redshift-facts §4.1.
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
            execute format(
                'alter role %I set %s to %s',
                name,
                setting.key,
                (
                    select string_agg(quote_literal(item), ', ')
                    from jsonb_array_elements_text(setting.value) item
                )
            );
        else
            execute format('alter role %I set %s to %L', name, setting.key, setting.value #>> '{}');
        end if;
    end loop;
end
$$;
