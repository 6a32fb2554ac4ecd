-- GRANT SELECT on system views that only superusers may read.

-- Refuses a caller who is no superuser. Source: redshift-facts §7.
create or replace function pg_internal.wf_must_be_superuser_for(relation text) returns void
language plpgsql stable set search_path = pg_catalog
as $$
begin
    if not pg_internal.wf_is_superuser(pg_internal.wf_caller()) then
        raise exception using
            errcode = '42501',
            message = format('permission denied for relation %s', relation);
    end if;
end
$$;

-- GRANT and REVOKE SELECT on the system views that are closed to ordinary users. Source: redshift-facts §4.4.
create or replace procedure pg_catalog.wf_grant_system(request jsonb)
language plpgsql security definer set search_path = pg_catalog
as $$
declare
    relation text;
    grantee jsonb;
begin
    for relation in select jsonb_array_elements_text(request -> 'relations') loop
        perform pg_internal.wf_must_be_superuser_for(relation);
        for grantee in select jsonb_array_elements(request -> 'grantees') loop
            execute format(
                case
                    when (request ->> 'grant')::boolean then 'grant select on pg_catalog.%I to %s'
                    else 'revoke select on pg_catalog.%I from %s'
                end,
                relation,
                case pg_internal.wf_grantee(grantee)
                    when 0 then 'public'
                    else pg_internal.wf_grantee(grantee)::regrole::text
                end
            );
        end loop;
    end loop;
end
$$;
