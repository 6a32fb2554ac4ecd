-- Databases and schemas. A view of all databases is made of a part for this database (…_here) and the same part of
-- each other one, asked when the view is read.

-- SVV_REDSHIFT_DATABASES. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_redshift_databases as
select
    d.datname::varchar(128) as database_name,
    d.datdba::int as database_owner,
    'local'::varchar(32) as database_type,
    case
        when d.datacl is not null then pg_internal.wf_acl_text(d.datacl)
    end::varchar(128) as database_acl,
    null::varchar(128) as database_options,
    'Snapshot Isolation'::varchar(128) as database_isolation_level
from pg_database d
where not d.datistemplate and d.datallowconn;

-- The schemas of this database that the user may use. Source: redshift-facts §5.2.
create or replace view pg_catalog.wf_schemas_here as
select
    current_database()::varchar(128) as database_name,
    n.nspname::varchar(128) as schema_name,
    n.nspowner::int as schema_owner,
    case when e.nspoid is not null then 'external' else 'local' end::varchar(128) as schema_type,
    case
        when n.nspacl is not null then pg_internal.wf_acl_text(n.nspacl)
    end::varchar(128) as schema_acl,
    e.database::varchar(128) as source_database,
    case
        when e.nspoid is not null then left(e.options::json::text, 256)
    end::varchar(256) as schema_option
from pg_namespace n
left join pg_internal.wf_external_schema e on e.nspoid = n.oid
where n.nspname <> 'pg_internal'
    and n.nspname !~ '^pg_(toast|temp_)'
    and (
        (select pg_has_role(current_user, 'wf_superuser', 'member'))
        or pg_has_role(n.nspowner, 'usage')
        or has_schema_privilege(n.oid, 'usage')
        or has_schema_privilege(n.oid, 'create')
    );

grant select on pg_catalog.wf_schemas_here to public;

-- wf_schemas_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_schemas_of(database name)
returns setof pg_catalog.wf_schemas_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_schemas_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_schemas_here t')
    )
$$;

-- The schemas of all databases. The database's name comes from pg_database, so that a condition on it saves asking
-- the databases it excludes. Source: sandbox, internal.
create or replace view pg_catalog.wf_schemas_everywhere as
select *
from pg_catalog.wf_schemas_here
union all
select
    d.datname::varchar(128),
    a.schema_name,
    a.schema_owner,
    a.schema_type,
    a.schema_acl,
    a.source_database,
    a.schema_option
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_schemas_of(d.datname) a;

-- SVV_ALL_SCHEMAS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_all_schemas as
select *
from pg_catalog.wf_schemas_everywhere;

-- SVV_REDSHIFT_SCHEMAS. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_redshift_schemas as
select
    database_name,
    schema_name,
    schema_owner,
    schema_type,
    schema_acl,
    schema_option::varchar(128) as schema_option
from pg_catalog.wf_schemas_everywhere
where schema_type = 'local';

grant select on
    pg_catalog.svv_redshift_databases,
    pg_catalog.wf_schemas_everywhere,
    pg_catalog.svv_all_schemas,
    pg_catalog.svv_redshift_schemas
to public;
