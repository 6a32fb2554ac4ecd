-- Access lists in Redshift's spelling.

-- An access list in Redshift's spelling: `name=rights/grantor`, entries separated by `~`, groups and roles named as
-- such. Hidden roles of scopes are left out; SVV_SCHEMA_PRIVILEGES and SVV_DATABASE_PRIVILEGES list those.
-- Source: unverified.
create or replace function pg_internal.wf_acl_text(acl aclitem[]) returns varchar
language sql stable
as $$
    select string_agg(
        case left(x.grantee, 2)
            when 'g/' then 'group ' || substr(x.grantee, 3)
            when 'r/' then 'role ' || substr(x.grantee, 3)
            else x.grantee
        end
            || '=' || x.rights || '/' || x.grantor,
        '~' order by x.n
    )
    from (
        select
            coalesce(g.rolname, '')::text as grantee,
            o.rolname::text as grantor,
            min(e.n) as n,
            string_agg(
                case e.privilege_type
                    when 'INSERT' then 'a'
                    when 'SELECT' then 'r'
                    when 'UPDATE' then 'w'
                    when 'DELETE' then 'd'
                    when 'TRUNCATE' then 't'
                    when 'REFERENCES' then 'x'
                    when 'MAINTAIN' then 'D'
                    when 'TRIGGER' then 'A'
                    when 'EXECUTE' then 'X'
                    when 'USAGE' then 'U'
                    when 'CREATE' then 'C'
                    when 'TEMPORARY' then 'T'
                    else ''
                end
                    || case when e.is_grantable then '*' else '' end,
                '' order by e.n
            ) as rights
        from aclexplode(acl) with ordinality e(grantor, grantee, privilege_type, is_grantable, n)
        left join pg_roles g on g.oid = e.grantee
        left join pg_roles o on o.oid = e.grantor
        where e.privilege_type <> 'CONNECT'
            and coalesce(left(g.rolname, 2) <> 's/' and g.rolname <> 'wf_superuser', true)
        group by g.rolname, o.rolname
    ) x
$$;
