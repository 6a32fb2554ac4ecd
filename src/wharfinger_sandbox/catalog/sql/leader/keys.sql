-- What the drivers' own catalog queries find on every cluster. A primary or unique key is no index in the sandbox,
-- since nothing enforces it; the leader node lists one for it, by which AWS's drivers read the key.

-- Redshift converts integers to booleans by itself, also in a WHERE: SQLAlchemy's dialect writes `where 1 and …`.
update pg_catalog.pg_cast
set castcontext = 'i'
where castsource = 'int4'::regtype and casttarget = 'bool'::regtype and castcontext <> 'i';

-- Primary and unique keys, each of which the leader node lists as an index. Source: sandbox, internal.
create or replace view pg_internal.wf_key_indexes as
select
    k.oid,
    k.conname,
    k.connamespace,
    k.conrelid,
    k.contype,
    k.conkey,
    c.relowner,
    cardinality(k.conkey)::smallint as parts
from pg_constraint k
join pg_class c on c.oid = k.conrelid
where k.contype in ('p', 'u') and k.conindid = 0;

-- pg_index as the leader node shows it: with an index for each key. Source: unverified.
create or replace view pg_catalog.wf_index as
select
    i.indexrelid, i.indrelid, i.indkey, i.indclass, i.indnatts, i.indisunique, i.indisprimary,
    i.indisclustered, i.indexprs, i.indpred
from pg_index i
union all
select
    k.oid,
    k.conrelid,
    array_to_string(k.conkey, ' ')::int2vector,
    ''::oidvector,
    k.parts,
    true,
    k.contype = 'p',
    false,
    null,
    null
from pg_internal.wf_key_indexes k;

grant select on pg_catalog.wf_index to public;
