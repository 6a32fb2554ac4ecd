-- CREATE GROUP, ALTER GROUP and DROP GROUP.

-- CREATE GROUP, by superusers only. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_create_group(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    one text;
begin
    perform pg_internal.wf_must_be_superuser('create groups');
    if pg_internal.wf_group_oid(request ->> 'name') is not null then
        raise exception using
            errcode = '42710',
            message = format('group "%s" already exists', request ->> 'name');
    end if;
    execute format('create role %I nologin', 'g/' || (request ->> 'name'));
    for one in select jsonb_array_elements_text(coalesce(request -> 'users', '[]')) loop
        perform pg_internal.wf_link(
            pg_internal.wf_group_oid(request ->> 'name'), pg_internal.wf_known_user(one), false
        );
    end loop;
end
$$;

-- ALTER GROUP: ADD USER, DROP USER, RENAME TO. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_alter_group(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    grp oid;
    one text;
begin
    perform pg_internal.wf_must_be_superuser('alter groups');
    grp := pg_internal.wf_known_group(request ->> 'name');
    for one in select jsonb_array_elements_text(coalesce(request -> 'add', '[]')) loop
        perform pg_internal.wf_link(grp, pg_internal.wf_known_user(one), false);
    end loop;
    for one in select jsonb_array_elements_text(coalesce(request -> 'drop', '[]')) loop
        perform pg_internal.wf_unlink(grp, pg_internal.wf_known_user(one));
    end loop;
    if request ? 'rename' then
        if pg_internal.wf_group_oid(request ->> 'rename') is not null then
            raise exception using
                errcode = '42710',
                message = format('group "%s" already exists', request ->> 'rename');
        end if;
        execute format(
            'alter role %I rename to %I',
            'g/' || (request ->> 'name'),
            'g/' || (request ->> 'rename')
        );
    end if;
end
$$;

-- DROP GROUP. Source: redshift-facts §4.1.
create or replace procedure pg_catalog.wf_drop_group(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    grp oid;
begin
    perform pg_internal.wf_must_be_superuser('drop groups');
    grp := pg_internal.wf_known_group(request ->> 'name');
    if pg_internal.wf_blocking_dependency(grp) is not null then
        raise exception using
            errcode = '55006',
            message = format(
                'group "%s" can''t be dropped because the group has a privilege on some object',
                request ->> 'name'
            );
    end if;
    perform pg_internal.wf_drop_engine_role(grp);
end
$$;
