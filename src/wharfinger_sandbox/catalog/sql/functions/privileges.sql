-- HAS_TABLE_PRIVILEGE with Redshift's DROP, ALTER and TRUNCATE.

-- A list of privileges in the engine's words: see wf_engine_right. Source: sandbox, internal.
create or replace function pg_internal.wf_rights(privileges text) returns text
language sql immutable strict parallel safe
as $$
    select regexp_replace(
        regexp_replace(privileges, '\mdrop\M', 'MAINTAIN', 'i'), '\malter\M', 'TRIGGER', 'i'
    )
$$;

-- HAS_TABLE_PRIVILEGE(user, table, privilege), with DROP, ALTER and TRUNCATE. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(name, text, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;

-- The same for a table's oid. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(name, oid, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;

-- The same for a user's oid. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(oid, text, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;

-- The same for the oids of user and table. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(oid, oid, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, $2, pg_internal.wf_rights($3)) $$;

-- The same for the current user. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(text, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, pg_internal.wf_rights($2)) $$;

-- The same for the current user and a table's oid. Source: redshift-facts §3.2, §4.5.
create or replace function pg_catalog.has_table_privilege(oid, text) returns boolean
language sql stable strict parallel safe
as $$ select pg_catalog.wf_engine_has_table_privilege($1, pg_internal.wf_rights($2)) $$;
