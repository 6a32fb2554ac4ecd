-- Event triggers record what DDL did, whether a user ran it or somebody who loads data into the engine directly.

-- After a DDL statement: records the relation, adds new objects to their scopes, binds late-binding views again.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_on_ddl() returns event_trigger
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    command record;
    changed oid[] := '{}';
    engine boolean := pg_internal.wf_caller() in (10, 'wf_engine'::regrole);
begin
    for command in
        select d.objid, d.classid, d.object_type, d.command_tag, d.object_identity
        from pg_event_trigger_ddl_commands() d
        where d.object_type in (
            'table', 'view', 'materialized view', 'foreign table', 'schema', 'function',
            'procedure', 'table column'
        )
            and not pg_internal.wf_is_system_schema(
                case d.object_type when 'schema' then d.object_identity else d.schema_name end
            )
    loop
        if engine
            and command.command_tag in (
                'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'CREATE VIEW',
                'CREATE MATERIALIZED VIEW', 'CREATE FOREIGN TABLE', 'CREATE SCHEMA',
                'CREATE FUNCTION', 'CREATE PROCEDURE'
            )
        then
            perform pg_internal.wf_give_to_admin(
                command.objid, command.object_type, command.object_identity
            );
        end if;
        if command.classid = 'pg_class'::regclass then
            insert into pg_internal.wf_relation as r (relid)
            values (command.objid)
            on conflict (relid) do update set altered = clock_timestamp();
            changed := changed || command.objid;
            if command.command_tag = 'CREATE VIEW' then
                -- The view may have replaced a late-binding one.
                delete from pg_internal.wf_late_binding where relid = command.objid;
            end if;
        end if;
        if command.command_tag like 'CREATE%' or command.command_tag = 'SELECT INTO' then
            perform pg_internal.wf_grant_scopes(command.objid);
        end if;
    end loop;
    if changed <> '{}' then
        perform pg_internal.wf_rebind(changed);
    end if;
end
$$;

-- Gives awsuser what the engine's superuser made, as if awsuser had loaded it. Source: sandbox, internal.
create or replace function pg_internal.wf_give_to_admin(object oid, object_type text, identity text)
returns void
language plpgsql set search_path = pg_catalog
as $$
begin
    if coalesce(
        (select relowner from pg_class where oid = object),
        (select nspowner from pg_namespace where oid = object),
        (select proowner from pg_proc where oid = object)
    ) in (10, 'wf_engine'::regrole) then
        execute format('alter %s %s owner to awsuser', object_type, identity);
    end if;
end
$$;

-- After a DROP: deletes the records of what is gone and binds again the late-binding views that read it.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_on_drop() returns event_trigger
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    gone oid[] := array(
        select objid
        from pg_event_trigger_dropped_objects()
        where classid in ('pg_class'::regclass, 'pg_namespace'::regclass)
            and objsubid = 0
            and schema_name is distinct from 'pg_internal'
    );
begin
    delete from pg_internal.wf_relation where relid = any (gone);
    delete from pg_internal.wf_column where relid = any (gone);
    delete from pg_internal.wf_late_binding where relid = any (gone);
    delete from pg_internal.wf_materialized where relid = any (gone);
    delete from pg_internal.wf_modified where relid = any (gone);
    delete from pg_internal.wf_external_schema where nspoid = any (gone);
    if gone <> '{}' then
        perform pg_internal.wf_rebind(gone);
    end if;
end
$$;

drop event trigger if exists wf_on_ddl;
-- Runs wf_on_ddl after every DDL statement that makes or changes a relation, schema or routine.
-- Source: sandbox, internal.
create event trigger wf_on_ddl on ddl_command_end
    when tag in (
        'CREATE TABLE', 'CREATE TABLE AS', 'SELECT INTO', 'ALTER TABLE', 'CREATE VIEW', 'ALTER VIEW',
        'CREATE MATERIALIZED VIEW', 'ALTER MATERIALIZED VIEW', 'CREATE FOREIGN TABLE', 'ALTER FOREIGN TABLE',
        'CREATE SCHEMA', 'ALTER SCHEMA', 'CREATE FUNCTION', 'CREATE PROCEDURE'
    )
    execute function pg_internal.wf_on_ddl();

drop event trigger if exists wf_on_drop;
-- Runs wf_on_drop after every DROP. Source: sandbox, internal.
create event trigger wf_on_drop on sql_drop
    execute function pg_internal.wf_on_drop();
