-- What the drivers' own catalog queries find on every cluster. A primary or unique key is no index here, since it is not
-- enforced; the leader node lists one for it all the same, by which AWS's drivers read the key.

-- Redshift converts integers to booleans by itself, also in a WHERE; SQLAlchemy's dialect writes `where 1 and …`.
update pg_catalog.pg_cast set castcontext = 'i' where castsource = 'int4'::regtype and casttarget = 'bool'::regtype and castcontext <> 'i';

create or replace view pg_internal.wf_key_indexes as
select k.oid, k.conname, k.connamespace, k.conrelid, k.contype, k.conkey, c.relowner, cardinality(k.conkey)::smallint as parts
from pg_constraint k join pg_class c on c.oid = k.conrelid
where k.contype in ('p', 'u') and k.conindid = 0;

create or replace view pg_catalog.wf_index as
select i.indexrelid, i.indrelid, i.indkey, i.indclass, i.indnatts, i.indisunique, i.indisprimary, i.indisclustered, i.indexprs, i.indpred
from pg_index i
union all
select k.oid, k.conrelid, array_to_string(k.conkey, ' ')::int2vector, ''::oidvector, k.parts, true, k.contype = 'p', false, null, null
from pg_internal.wf_key_indexes k;

-- The columns are those the drivers ask for and what pg_proc has beside them; Redshift's own list is not documented.
create or replace view pg_catalog.pg_proc_info as
select p.oid as prooid, p.proname, p.pronamespace, p.proowner, p.prolang, p.prokind, p.prokind = 'a' as proisagg, p.prosecdef,
    p.proisstrict, p.proretset, p.provolatile, p.pronargs, p.prorettype, p.proargtypes, p.proallargtypes, p.proargmodes, p.proargnames,
    p.prosrc, p.probin, p.proacl
from pg_proc p where p.pronamespace <> 'pg_internal'::regnamespace
    and not (p.pronamespace = 'pg_catalog'::regnamespace and p.proname like 'wf\_%');

grant select on pg_catalog.wf_index, pg_catalog.pg_proc_info to public;
