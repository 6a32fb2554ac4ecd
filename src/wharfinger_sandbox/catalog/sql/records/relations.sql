-- What Redshift knows of schemas and relations and PostgreSQL has no place for. Event triggers and the DDL
-- procedures fill these tables; a row goes when its object goes.

-- Creation and change times, distribution, sort key and the like of a table or view. Source: sandbox, internal.
create table if not exists pg_internal.wf_relation (
    relid oid primary key,
    created timestamptz not null default clock_timestamp(),
    altered timestamptz not null default clock_timestamp(),
    diststyle text,
    distkey smallint,
    sortstyle text,
    sortkeys smallint[],
    backup boolean,
    auto_refresh boolean
);

-- The encoding that a column was declared with. Source: sandbox, internal.
create table if not exists pg_internal.wf_column (
    relid oid,
    attnum smallint,
    encoding text,
    primary key (relid, attnum)
);

-- What an external schema refers to. `kind` stands for the word after FROM (data catalog, redshift, kinesis, …);
-- `options` are as written, without secrets. Source: sandbox, internal.
create table if not exists pg_internal.wf_external_schema (
    nspoid oid primary key,
    kind integer not null,
    database text,
    options jsonb not null
);

-- Late-binding views: the definition, what it reads, and the error that keeps it from being bound.
-- Source: sandbox, internal.
create table if not exists pg_internal.wf_late_binding (
    relid oid primary key,
    definition text not null,
    refs oid[] not null default '{}',
    trouble text
);

-- When a materialized view was refreshed, and wf_base_changes at that moment. Source: sandbox, internal.
create table if not exists pg_internal.wf_materialized (
    relid oid primary key,
    refreshed timestamptz not null default clock_timestamp(),
    changes numeric not null
);
