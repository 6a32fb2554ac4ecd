-- Functions of the engine whose Redshift namesakes mean something else are renamed wf_engine_…. Views made before,
-- such as those of information_schema, keep using them, since a view refers to a function by number.

-- Renames functions of the engine, once. Source: sandbox, internal.
create or replace procedure pg_internal.wf_set_aside(signatures text[])
language plpgsql set search_path = pg_catalog
as $$
declare
    signature text;
    found_oid oid;
begin
    foreach signature in array signatures loop
        select p.oid
        into found_oid
        from pg_proc p
        where p.oid = to_regprocedure('pg_catalog.' || signature) and p.oid < 10000;
        if found_oid is not null then
            execute format(
                'alter routine %s rename to %I',
                found_oid::regprocedure,
                'wf_engine_' || (select proname from pg_proc where oid = found_oid)
            );
        end if;
    end loop;
end
$$;

call pg_internal.wf_set_aside(array[
    'avg(smallint)', 'avg(integer)', 'avg(bigint)', 'sum(bigint)', 'concat("any")', 'version()',
    'stddev(smallint)', 'stddev(integer)', 'stddev(bigint)', 'stddev(numeric)',
    'stddev_samp(smallint)', 'stddev_samp(integer)', 'stddev_samp(bigint)', 'stddev_samp(numeric)',
    'stddev_pop(smallint)', 'stddev_pop(integer)', 'stddev_pop(bigint)', 'stddev_pop(numeric)',
    'variance(smallint)', 'variance(integer)', 'variance(bigint)', 'variance(numeric)',
    'var_samp(smallint)', 'var_samp(integer)', 'var_samp(bigint)', 'var_samp(numeric)',
    'var_pop(smallint)', 'var_pop(integer)', 'var_pop(bigint)', 'var_pop(numeric)',
    'regexp_replace(text,text,text)', 'json_array_length(json)', 'json_typeof(json)',
    'pg_get_constraintdef(oid)', 'pg_get_constraintdef(oid,boolean)', 'pg_get_viewdef(oid)',
    'has_table_privilege(name,text,text)', 'has_table_privilege(name,oid,text)', 'has_table_privilege(oid,text,text)',
    'has_table_privilege(oid,oid,text)', 'has_table_privilege(text,text)', 'has_table_privilege(oid,text)'
]);
