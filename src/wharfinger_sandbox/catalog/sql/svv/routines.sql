-- Functions and procedures. A view of all databases is made of a part for this database (…_here) and the same part
-- of each other one, asked when the view is read.

-- The functions and procedures of this database that the user may execute. The words in function_type are
-- unverified. Source: unverified.
create or replace view pg_catalog.wf_routines_here as
select
    current_database()::varchar(128) as database_name,
    n.nspname::varchar(128) as schema_name,
    p.proname::varchar(128) as function_name,
    case p.prokind
        when 'p' then 'STORED PROCEDURE'
        when 'a' then 'AGGREGATE FUNCTION'
        else 'REGULAR FUNCTION'
    end::varchar(128) as function_type,
    oidvectortypes(p.proargtypes)::varchar(512) as argument_type,
    coalesce(pg_get_function_result(p.oid), '')::varchar(128) as result_type
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where not pg_internal.wf_is_system_schema(n.nspname)
    and (
        (select pg_has_role(current_user, 'wf_superuser', 'member'))
        or pg_has_role(p.proowner, 'usage')
        or has_schema_privilege(n.oid, 'usage') and has_function_privilege(p.oid, 'execute')
    );

grant select on pg_catalog.wf_routines_here to public;

-- wf_routines_here of another database. Source: sandbox, internal.
create or replace function pg_internal.wf_routines_of(database name)
returns setof pg_catalog.wf_routines_here
language sql volatile
as $$
    select *
    from json_populate_recordset(
        null::pg_catalog.wf_routines_here,
        pg_internal.wf_query_database(database, 'select json_agg(t) from pg_catalog.wf_routines_here t')
    )
$$;

-- SVV_REDSHIFT_FUNCTIONS, with the columns of AWS's page. Source: unverified.
create or replace view pg_catalog.svv_redshift_functions as
select *
from pg_catalog.wf_routines_here
union all
select
    d.datname::varchar(128),
    a.schema_name,
    a.function_name,
    a.function_type,
    a.argument_type,
    a.result_type
from pg_internal.wf_other_databases d
cross join lateral pg_internal.wf_routines_of(d.datname) a;

grant select on pg_catalog.svv_redshift_functions to public;
