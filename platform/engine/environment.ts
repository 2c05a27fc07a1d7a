/** Makes this process's environment that of a new process. */
export function replaceEnvironment(environment: NodeJS.ProcessEnv): void {
  Object.keys(process.env)
    .filter((name) => environment[name] === undefined)
    .forEach((name) => Reflect.deleteProperty(process.env, name));
  Object.assign(process.env, environment);
}
