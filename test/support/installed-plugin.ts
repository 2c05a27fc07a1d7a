import { random } from "../../platform/providers/random";
import { listenFor } from "../../platform/host/services";
import { serve } from "../../platform/providers/protocol/serve";

/** A plugin as the engine starts it: the port on standard output, then it serves until it is ended. */
void listenFor({ random: () => Promise.resolve(serve(random)) }).then(({ ports }) => console.log(ports.random));
