/** Whether soak and load run in full length. `make test-all` asks for it, and the nightly workflow by that; else they run in short. */
export const LONG = process.env.TEST_LONG === "true";
