import { random } from "../../local/providers/random";
import { serve } from "../../local/providers/protocol/serve";

/** A plugin as the engine starts it: the port on standard output, then it serves until it is ended. */
void serve(random).then(({ port }) => console.log(port));
