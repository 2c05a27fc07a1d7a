-- The role of whoever the transaction is for, as it stands in the table: policies ask it, and the application cannot say it.
-- SECURITY DEFINER: it runs as its owner, for whom other policies hold than the ones that ask. So nothing recurses.
-- STABLE: within a statement the answer stays what it was before it, and PARALLEL SAFE: an administrator's long queries may
-- use several cores.
-- The search path is pinned, so that nobody puts another table "user" or another operator in front.
CREATE FUNCTION app_user_role() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT role FROM public."user" WHERE id = nullif(current_setting('app.user_id', true), '') $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app_user_role() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app_user_role() TO markenmate_app;
