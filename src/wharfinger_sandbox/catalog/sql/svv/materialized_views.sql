-- Materialized views.

-- SVV_MV_INFO. state is always 1, incremental: the sandbox does not work out whether Redshift could refresh a view
-- so. Source: redshift-facts §5.2.
create or replace view pg_catalog.svv_mv_info as
select
    current_database()::character(128) as database_name,
    r.nspname::character(128) as schema_name,
    r.owner_name::character(128) as user_name,
    r.relname::character(128) as name,
    case
        when m.changes is distinct from pg_internal.wf_base_changes(r.relid) then 't'
        else 'f'
    end::character(1) as is_stale,
    1 as state,
    'f'::character(1) as autorewrite,
    case when r.auto_refresh then 't' else 'f' end::character(1) as autorefresh
from pg_internal.wf_relations r
left join pg_internal.wf_materialized m on m.relid = r.relid
where r.kind = 'materialized_view' and r.visible;

grant select on pg_catalog.svv_mv_info to public;
