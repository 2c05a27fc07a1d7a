ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "session" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE POLICY "write_own" ON "audit_log" AS PERMISSIVE FOR INSERT TO "markenmate_app" WITH CHECK ("audit_log"."user_id" = (SELECT nullif(current_setting('app.user_id', true), '')) OR "audit_log"."user_id" IS NULL);--> statement-breakpoint
CREATE POLICY "read_own" ON "audit_log" AS PERMISSIVE FOR SELECT TO "markenmate_app" USING ("audit_log"."user_id" = (SELECT nullif(current_setting('app.user_id', true), '')));--> statement-breakpoint
CREATE POLICY "read_all_for_admins" ON "audit_log" AS PERMISSIVE FOR SELECT TO "markenmate_app" USING ((SELECT app_user_role()) = 'admin');--> statement-breakpoint
CREATE POLICY "every_row_for_reports" ON "audit_log" AS PERMISSIVE FOR SELECT TO "markenmate_readonly" USING (true);--> statement-breakpoint
CREATE POLICY "every_row_for_backups" ON "audit_log" AS PERMISSIVE FOR SELECT TO "markenmate_backup" USING (true);--> statement-breakpoint
CREATE POLICY "own" ON "session" AS PERMISSIVE FOR ALL TO "markenmate_app" USING ("session"."user_id" = (SELECT nullif(current_setting('app.user_id', true), '')));--> statement-breakpoint
CREATE POLICY "by_token" ON "session" AS PERMISSIVE FOR SELECT TO "markenmate_app" USING ("session"."token" = (SELECT nullif(current_setting('app.session_token', true), '')));--> statement-breakpoint
CREATE POLICY "everything_for_admins" ON "session" AS PERMISSIVE FOR ALL TO "markenmate_app" USING ((SELECT app_user_role()) = 'admin');--> statement-breakpoint
CREATE POLICY "every_row_for_backups" ON "session" AS PERMISSIVE FOR SELECT TO "markenmate_backup" USING (true);--> statement-breakpoint
CREATE POLICY "read_own" ON "user" AS PERMISSIVE FOR SELECT TO "markenmate_app" USING ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), '')));--> statement-breakpoint
CREATE POLICY "sign_up" ON "user" AS PERMISSIVE FOR INSERT TO "markenmate_app" WITH CHECK ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), '')) AND "user"."role" = 'user');--> statement-breakpoint
CREATE POLICY "change_own" ON "user" AS PERMISSIVE FOR UPDATE TO "markenmate_app" USING ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), ''))) WITH CHECK ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), '')) AND "user"."role" = (SELECT app_user_role()));--> statement-breakpoint
CREATE POLICY "delete_own" ON "user" AS PERMISSIVE FOR DELETE TO "markenmate_app" USING ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), '')));--> statement-breakpoint
CREATE POLICY "own_role_for_owner" ON "user" AS PERMISSIVE FOR SELECT TO "markenmate_migrate" USING ("user"."id" = (SELECT nullif(current_setting('app.user_id', true), '')));--> statement-breakpoint
CREATE POLICY "everything_for_admins" ON "user" AS PERMISSIVE FOR ALL TO "markenmate_app" USING ((SELECT app_user_role()) = 'admin');--> statement-breakpoint
CREATE POLICY "every_row_for_reports" ON "user" AS PERMISSIVE FOR SELECT TO "markenmate_readonly" USING (true);--> statement-breakpoint
CREATE POLICY "every_row_for_backups" ON "user" AS PERMISSIVE FOR SELECT TO "markenmate_backup" USING (true);