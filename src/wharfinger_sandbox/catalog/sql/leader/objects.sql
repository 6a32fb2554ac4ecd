-- Constraints, databases and routines as the leader node shows them.

-- PG_CONSTRAINT with consrc, which PostgreSQL 8.0 had. Source: unverified.
create or replace view pg_catalog.wf_constraint as
select
    c.tableoid,
    c.oid,
    c.conname,
    c.connamespace,
    c.contype,
    false as condeferrable,
    false as condeferred,
    c.conrelid,
    c.contypid,
    c.confrelid,
    c.confupdtype,
    c.confdeltype,
    c.confmatchtype,
    c.conkey,
    c.confkey,
    c.conbin,
    pg_get_constraintdef(c.oid) as consrc
from pg_constraint c
where c.contype <> 'n';

-- PG_DATABASE without templates. Source: sandbox, internal.
create or replace view pg_catalog.wf_database as
select d.*
from pg_database d
where not d.datistemplate;

-- PG_PROC without the sandbox's own functions. Source: sandbox, internal.
create or replace view pg_catalog.wf_proc as
select p.*
from pg_proc p
where p.pronamespace <> 'pg_internal'::regnamespace
    and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname like 'wf\_%');

-- PG_PROC_INFO. The columns are those the drivers ask for and what pg_proc has besides; Redshift's list is not
-- documented. Source: unverified.
create or replace view pg_catalog.pg_proc_info as
select
    p.oid as prooid,
    p.proname,
    p.pronamespace,
    p.proowner,
    p.prolang,
    p.prokind,
    p.prokind = 'a' as proisagg,
    p.prosecdef,
    p.proisstrict,
    p.proretset,
    p.provolatile,
    p.pronargs,
    p.prorettype,
    p.proargtypes,
    p.proallargtypes,
    p.proargmodes,
    p.proargnames,
    p.prosrc,
    p.probin,
    p.proacl
from pg_proc p
where p.pronamespace <> 'pg_internal'::regnamespace
    and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname like 'wf\_%');

grant select on
    pg_catalog.wf_constraint,
    pg_catalog.wf_database,
    pg_catalog.wf_proc,
    pg_catalog.pg_proc_info
to public;
