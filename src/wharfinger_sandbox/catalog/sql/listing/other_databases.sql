-- How a view of several databases asks the others.

-- A word in quotes for the shell. Source: sandbox, internal.
create or replace function pg_internal.wf_shell_quoted(word text) returns text
language sql immutable
as $$ select '''' || replace(word, '''', '''\''''') || '''' $$;

-- Asks another database of this engine, logged in as the session's user, for one JSON array. The engine has no
-- dblink; psql does it, also inside a read-only transaction. The answer passes through a file in the engine's own
-- folder. Source: sandbox, internal.
create or replace function pg_internal.wf_query_database(database name, question text) returns json
language plpgsql volatile security definer set search_path = pg_catalog
as $$
declare
    file constant text := 'wf-answer-' || pg_backend_pid();
    program constant text := (select setting from pg_config where name = 'BINDIR') || '/psql';
    person constant text := (select rolname from pg_roles where oid = pg_internal.wf_caller());
    answer text;
begin
    -- Each question takes one more connection, so only a few run at a time.
    perform pg_advisory_lock(4702, pg_backend_pid() % 8);
    begin
        execute format(
            'copy (select %L) to program %L '
            'with (format csv, quote e''\x01'', delimiter e''\x02'')',
            translate(question, e'\n\r', '  '),
            format(
                'PGUSER=%s PGDATABASE=%s PGHOST=/proc/self/cwd PGPORT=5432 PGCLIENTENCODING=UTF8 '
                'PGOPTIONS= exec %s -X -q -A -t -o %s -v ON_ERROR_STOP=1 2>/dev/null',
                pg_internal.wf_shell_quoted(person),
                pg_internal.wf_shell_quoted(database),
                pg_internal.wf_shell_quoted(program),
                file
            )
        );
        answer := pg_read_file(file);
        execute format('copy (select 1) to program %L', 'cat > /dev/null; rm -f ' || file);
    exception
        when others then
            perform pg_advisory_unlock(4702, pg_backend_pid() % 8);
            raise exception using
                errcode = '58000',
                message = format('database "%s" could not be asked', database);
    end;
    perform pg_advisory_unlock(4702, pg_backend_pid() % 8);
    return pg_internal.wf_parsed(coalesce(nullif(btrim(answer, e' \n'), ''), '[]'));
end
$$;

-- The other databases that the user may connect to. Source: sandbox, internal.
create or replace view pg_internal.wf_other_databases as
select d.datname
from pg_database d
where d.datallowconn
    and not d.datistemplate
    and d.datname <> current_database()
    and has_database_privilege(d.oid, 'connect');
