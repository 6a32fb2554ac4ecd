-- External schemas and tables: recorded and listed, never read.

-- External tables are foreign tables of this server, which has no handler, so that nobody can read them.
do $$
begin
    if not exists (select from pg_foreign_server where srvname = 'wf_external') then
        create foreign data wrapper wf_external no handler;
        create server wf_external foreign data wrapper wf_external;
        grant usage on foreign server wf_external to public;
    end if;
end
$$;

-- CREATE EXTERNAL SCHEMA [IF NOT EXISTS]. Source: unverified.
create or replace procedure pg_catalog.wf_create_external_schema(request jsonb)
language plpgsql
as $$
begin
    if pg_catalog.to_regnamespace(pg_catalog.quote_ident(request ->> 'name')) is not null
        and coalesce((request ->> 'if_not_exists')::boolean, false)
    then
        return;
    end if;
    execute pg_catalog.format('create schema %I', request ->> 'name');
    perform pg_catalog.wf_note_external_schema(request);
end
$$;

-- Records what an external schema refers to. Source: sandbox, internal.
create or replace function pg_catalog.wf_note_external_schema(request jsonb) returns void
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    schema oid := to_regnamespace(quote_ident(request ->> 'name'));
begin
    if not pg_has_role(
        pg_internal.wf_caller(), (select nspowner from pg_namespace where oid = schema), 'usage'
    ) then
        raise exception using
            errcode = '42501',
            message = format('must be owner of schema %s', request ->> 'name');
    end if;
    insert into pg_internal.wf_external_schema (nspoid, kind, database, options)
    values (schema, (request ->> 'kind')::int, request ->> 'database', request -> 'options')
    on conflict (nspoid) do nothing;
end
$$;
