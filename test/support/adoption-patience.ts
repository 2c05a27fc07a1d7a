import { LocalStack } from "./local-stack";
import { superuser } from "./superuser";

const NOTE = /lock_timeout of an adoption: (\w+)/g;

/**
 * Has the server note how long each change that the master makes may wait for its lock: what waits behind it waits as long. What
 * it returns ends that, and says what was noted, in milliseconds: 0 for ever, and NaN where it is more than a second.
 */
export async function notePatience(stack: LocalStack): Promise<() => Promise<number[]>> {
  const root = await superuser(stack);
  await root.query(`
    CREATE FUNCTION public.note_patience() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      IF session_user = 'markenmate_admin' THEN
        RAISE LOG 'lock_timeout of an adoption: %', current_setting('lock_timeout');
      END IF;
    END $$;
    CREATE EVENT TRIGGER note_patience ON ddl_command_start EXECUTE FUNCTION public.note_patience()`);
  return async () => {
    await root.query("DROP EVENT TRIGGER note_patience; DROP FUNCTION public.note_patience()");
    await root.end();
    return [...(await stack.serverLog()).matchAll(NOTE)].map(([, value = ""]) => Number(value.replace(/ms$/, "")));
  };
}
