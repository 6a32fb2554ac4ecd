-- The sandbox's own schema and the engine roles that stand for superusers and system roles.

-- No view or SHOW lists pg_internal. Its functions serve views that everybody reads, so everybody may use the schema.
-- Nobody may use its tables, and each function that changes something checks its caller.
create schema if not exists pg_internal;

grant usage on schema pg_internal to public;

-- wf_superuser marks a superuser by Redshift's rules: an ordinary role of the engine, member of every user's role.
-- The r/sys:… roles are Redshift's system roles. Source: redshift-facts §4.1.
do $$
declare
    role text;
begin
    perform pg_advisory_xact_lock(4700);
    if not exists (select from pg_roles where rolname = 'wf_superuser') then
        create role wf_superuser nologin;
        grant pg_read_all_data, pg_write_all_data, pg_monitor, pg_signal_backend, pg_maintain to wf_superuser;
    end if;
    foreach role in array array[
        'sys:operator', 'sys:dba', 'sys:superuser', 'sys:secadmin', 'sys:monitor'
    ] loop
        if not exists (select from pg_roles where rolname = 'r/' || role) then
            execute format('create role %I nologin', 'r/' || role);
        end if;
    end loop;
end
$$;
