-- The owner is held to the policies, too: without this, whatever runs as the owner (a view, a SECURITY DEFINER function, the
-- application itself when somebody gives it the wrong login) sees and changes every row. drizzle-kit cannot write it.
ALTER TABLE "user" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "session" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit_log" FORCE ROW LEVEL SECURITY;
