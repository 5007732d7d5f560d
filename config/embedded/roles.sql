-- Roles and rights of one Backorder Desk database, run by a superuser while connected to that database. Safe to repeat.
-- The launcher runs it for the embedded server; for a server of your own:
--   psql -d backorder_desk -f config/embedded/roles.sql     (then give both roles a password)
--
-- backorder_owner owns the tables and runs the migrations (DATABASE_OWNER_URL).
-- backorder_app is what the application uses (DATABASE_URL): it can neither disable a trigger nor truncate a ledger.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backorder_owner') THEN
        CREATE ROLE backorder_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backorder_app') THEN
        CREATE ROLE backorder_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
    END IF;
    EXECUTE format('ALTER DATABASE %I OWNER TO backorder_owner', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO backorder_app', current_database());
    -- A trigger of one's own temporary table would count as a ledger's trigger to those that guard the counters.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, backorder_app', current_database());
END
$$;

ALTER ROLE backorder_owner SET timezone = 'UTC';
ALTER ROLE backorder_owner SET lock_timeout = '10s';
ALTER ROLE backorder_app SET timezone = 'UTC';
ALTER ROLE backorder_app SET lock_timeout = '3s';
ALTER ROLE backorder_app SET statement_timeout = '60s';
ALTER ROLE backorder_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE backorder_app SET jit = off;

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS citext;
CREATE EXTENSION IF NOT EXISTS unaccent;

ALTER SCHEMA public OWNER TO backorder_owner;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO backorder_app;
ALTER DEFAULT PRIVILEGES FOR ROLE backorder_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO backorder_app;
ALTER DEFAULT PRIVILEGES FOR ROLE backorder_owner IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO backorder_app;
