create schema if not exists pg_internal;
