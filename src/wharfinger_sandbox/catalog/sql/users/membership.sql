-- Membership between roles of the engine, written without GRANT: GRANT refuses circles, but two superusers must
-- each own what the other owns.

-- Makes `to_member` a direct member of `of_role`, or adds the admin option to a membership that exists.
-- Source: sandbox, internal.
create or replace function pg_internal.wf_link(
    of_role oid,
    to_member oid,
    may_set boolean,
    admin boolean default false
) returns void
language sql set search_path = pg_catalog
as $$
    insert into pg_auth_members (
        oid, roleid, member, grantor, admin_option, inherit_option, set_option
    )
    select
        pg_nextoid('pg_auth_members', 'oid', 'pg_auth_members_oid_index'),
        of_role,
        to_member,
        10,
        admin,
        true,
        may_set
    where of_role <> to_member
        and not exists (select from pg_auth_members where roleid = of_role and member = to_member);
    update pg_auth_members
    set admin_option = true
    where roleid = of_role and member = to_member and admin and not admin_option
$$;

-- Ends a direct membership. Source: sandbox, internal.
create or replace function pg_internal.wf_unlink(of_role oid, from_member oid) returns void
language sql set search_path = pg_catalog
as $$ delete from pg_auth_members where roleid = of_role and member = from_member $$;

-- Makes a user a superuser, which is a member of the mark and of every user's role, or takes that back.
-- Source: redshift-facts §4.1.
create or replace function pg_internal.wf_set_superuser(who oid, wanted boolean) returns void
language plpgsql set search_path = pg_catalog
as $$
declare
    mark constant oid := 'wf_superuser'::regrole;
    other oid;
begin
    if wanted then
        perform pg_internal.wf_link(mark, who, false);
        for other in
            select oid
            from pg_roles
            where oid <> 10 and pg_internal.wf_kind(oid) = 'user'
        loop
            perform pg_internal.wf_link(other, who, true);
        end loop;
    else
        delete from pg_auth_members
        where member = who and (roleid = mark or pg_internal.wf_kind(roleid) = 'user');
    end if;
end
$$;

-- Gives every superuser the rights of a new user. Source: sandbox, internal.
create or replace function pg_internal.wf_grant_to_superusers(who oid) returns void
language sql set search_path = pg_catalog
as $$
    select pg_internal.wf_link(who, member, true)
    from pg_auth_members
    where roleid = 'wf_superuser'::regrole and member <> who
$$;
