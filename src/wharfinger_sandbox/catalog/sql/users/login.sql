-- Logging in, and the users that exist from the start.

-- What the sandbox checks before it lets a user in; the sandbox alone may call it. Source: sandbox, internal.
create or replace function pg_internal.wf_login(name text) returns jsonb
language sql stable security definer set search_path = pg_catalog
as $$
    select coalesce(
        (
            select jsonb_build_object(
                'exists', true,
                'superuser', pg_internal.wf_is_superuser(r.oid),
                'password_kind', coalesce(a #>> '{password,kind}', 'none'),
                'digest', a #>> '{password,digest}',
                'valid_until', case
                    when isfinite(r.rolvaliduntil) then to_jsonb(r.rolvaliduntil)
                end,
                'connection_limit', (a ->> 'connection_limit')::int,
                'session_timeout', (a ->> 'session_timeout')::int,
                'groups', (
                    select coalesce(jsonb_agg(substr(g.rolname, 3) order by g.rolname), '[]')
                    from pg_auth_members m
                    join pg_roles g on g.oid = m.roleid
                    where m.member = r.oid and left(g.rolname, 2) = 'g/'
                ),
                'case_sensitive', coalesce(
                    (
                        select true
                        from pg_db_role_setting s, unnest(s.setconfig) one
                        where s.setrole = r.oid
                            and lower(one) in (
                                'redshift.enable_case_sensitive_identifier=true',
                                'redshift.enable_case_sensitive_identifier=on'
                            )
                    ),
                    false
                ),
                'can_login', r.oid <> 10
            )
            from pg_authid r, pg_internal.wf_properties(r.oid) a
            where r.rolname = name and pg_internal.wf_kind(r.oid) = 'user'
        ),
        '{"exists": false, "superuser": false, "can_login": false}'
    )
$$;

revoke execute on function pg_internal.wf_login(text) from public;

-- Makes the user of an IAM identity at its first login, with PUBLIC's rights and no password, and adds it to
-- groups. Source: redshift-facts §1.11, §2.
create or replace procedure pg_internal.wf_ensure_iam_user(
    name text,
    superuser boolean default false,
    groups text[] default '{}'
)
language plpgsql set search_path = pg_catalog
as $$
declare
    who oid;
    one text;
begin
    perform pg_advisory_xact_lock(4701, hashtext(name));
    who := pg_internal.wf_user_oid(name);
    if who is null then
        who := pg_internal.wf_make_user(
            name,
            jsonb_build_object(
                'password', jsonb_build_object('kind', 'none'), 'createuser', superuser
            )
        );
    end if;
    foreach one in array groups loop
        perform pg_internal.wf_link(pg_internal.wf_known_group(one), who, false);
    end loop;
end
$$;

-- The administrator of every cluster, and the IAM identity that is a superuser from the start.
do $$
begin
    perform pg_advisory_xact_lock(4700);
    if pg_internal.wf_user_oid('awsuser') is null then
        perform pg_internal.wf_make_user(
            'awsuser', '{"createuser": true, "createdb": true, "password": {"kind": "none"}}'
        );
    end if;
    call pg_internal.wf_ensure_iam_user('IAM:admin', true);
end
$$;

-- Everybody may create in schema public until an administrator changes that (redshift-facts §4.1).
alter schema public owner to awsuser;

grant all on schema public to public;
